"""Writes acquisition_reference.hpp: acquisitions by mpmath at 60 digits.

Run: python3 acquisition_reference.py > acquisition_reference.hpp   (mpmath)
"""
import mpmath as mp

mp.mp.dps = 60


def cdf(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def pdf(z):
    return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def number(x):
    return float(x).hex()


def main():
    rows = []
    for mean in (-1.25, 0.0, 0.375, 8.0):
        for deviation in (2.0**-20, 0.125, 1.0, 3.0):
            for incumbent in (-2.0, 0.25):
                m, s, i = mp.mpf(mean), mp.mpf(deviation), mp.mpf(incumbent)
                z = (i - m) / s
                improvement = s * (pdf(z) + z * cdf(z))
                # log cdf far below zero by its asymptotic series, since erfc would need thousands of digits.
                tail = mp.log(cdf(z)) if z > -1000 else -z * z / 2 - mp.log(-z * mp.sqrt(2 * mp.pi)) + mp.log(
                    1 - z**-2 + 3 * z**-4)
                ratio = pdf(z) / cdf(z) if z > -1000 else -z / (1 - z**-2 + 3 * z**-4)
                rows.append([mean, deviation, incumbent, improvement, -cdf(z), pdf(z), tail, -ratio / s, -ratio * z / s])
    print("// Made by acquisition_reference.py with mpmath: do not edit.\n#pragma once\n\nnamespace reference {\n")
    print("struct AcquisitionRow {")
    print("  double mean, deviation, incumbent;")
    print("  double improvement, improvement_by_mean, improvement_by_deviation;")
    print("  double log_probability, log_probability_by_mean, log_probability_by_deviation;\n};")
    print("inline constexpr AcquisitionRow acquisitions[] = {")
    for row in rows:
        print("    {" + ", ".join(map(number, row)) + "},")
    print("};\n\n}  // namespace reference")


main()
