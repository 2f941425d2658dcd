// Made by gaussian_process_reference.py with scikit-learn: do not edit.
#pragma once

namespace reference {

inline constexpr int n = 24, d = 3, m = 6;
inline constexpr double points[n][d] = {{0x1.11f90f4513b3cp-3, 0x1.a31ff82eae0e0p-2, 0x1.eaa2007f81516p-2},
                                        {0x1.b51b80da1bc61p-1, 0x1.49ac746343790p-1, 0x1.c9732c39b7898p-4},
                                        {0x1.0de241122c97cp-1, 0x1.33b0b6976ff04p-2, 0x1.c88548dfc5310p-2},
                                        {0x1.fd18c4cadb9dep-2, 0x1.8b6163a922e13p-1, 0x1.0b159b2da17a8p-4},
                                        {0x1.6f329d43fad8dp-1, 0x1.904f1e6fe1b78p-3, 0x1.aed14ae170598p-2},
                                        {0x1.195cc74861478p-1, 0x1.cf2d23a76d062p-2, 0x1.e35542e2a7637p-1},
                                        {0x1.e49ed9210ddd8p-4, 0x1.d38975bbc579fp-1, 0x1.04ffb39642fa8p-3},
                                        {0x1.62543d3f0063dp-1, 0x1.bb1d25fdcb1bbp-1, 0x1.91e248883fac0p-1},
                                        {0x1.d7eb980862fe9p-1, 0x1.14ed159130498p-1, 0x1.6e19634577d64p-1},
                                        {0x1.539e21e3bac17p-1, 0x1.2707baf304ab6p-1, 0x1.645dbe26fe540p-6},
                                        {0x1.e2be9a5670436p-2, 0x1.691010c5a33c1p-1, 0x1.b78c6d90fea7ap-2},
                                        {0x1.620e767ba8b60p-2, 0x1.f9c91d9641ea4p-3, 0x1.c536ad24c2c2dp-1},
                                        {0x1.43d19572d93f6p-1, 0x1.313a935b76c0ep-1, 0x1.ae939a4f3019ep-2},
                                        {0x1.8a4afcdb3ee6cp-3, 0x1.c0632832254e4p-1, 0x1.7071f011f8dc3p-1},
                                        {0x1.3a5a14a0b7f00p-3, 0x1.cdd5877607251p-1, 0x1.5658408f1a643p-1},
                                        {0x1.ebeaf7576cbc8p-2, 0x1.6522083b5de50p-2, 0x1.06fe0bcb5d7b2p-2},
                                        {0x1.16754aaa14070p-1, 0x1.c3647e3d319b2p-2, 0x1.71fcc9e4da8b0p-1},
                                        {0x1.0abe1557309c2p-2, 0x1.f53ea4829039bp-1, 0x1.53c0993f51346p-2},
                                        {0x1.f8ad2ae71cc0dp-1, 0x1.5ab995be59ca0p-6, 0x1.521415fd95059p-1},
                                        {0x1.f6acdbc1f34aep-2, 0x1.337c3d0b5a7e3p-1, 0x1.6aeea745917c4p-1},
                                        {0x1.d3f295da3dd6cp-1, 0x1.10777c5a2ced6p-2, 0x1.76c08b36887a0p-5},
                                        {0x1.d25971bab9378p-1, 0x1.acd0a145b6fd1p-1, 0x1.a153893436aaap-1},
                                        {0x1.81ed45746d874p-3, 0x1.b06794a184e84p-3, 0x1.4e4dad58185ddp-1},
                                        {0x1.049251948dfe1p-1, 0x1.65491663e4bf4p-1, 0x1.c4a9f829b1ea8p-4}};
inline constexpr double targets[n] = {
    0x1.2c75d7ab8bfdep-1,  -0x1.0462eecd4e4ffp-1, 0x1.d8afd7a0cb01cp-2, 0x1.2edc784383e53p+0,  -0x1.0e74f286fe27ap-1,
    0x1.0e57b67874e65p-2,  0x1.638f57c156834p+0,  0x1.f3420bb203de8p-3, -0x1.ff4b9faa9f1d8p-1, 0x1.cf6256d0ef3a6p-4,
    0x1.18a4c36f7beb8p+0,  0x1.79365e036055ap-1,  0x1.bb67eaa222ad6p-3, 0x1.57de78e8ef0d2p+0,  0x1.6249acb4eb326p+0,
    0x1.6e638c65e275ap-1,  0x1.ecaabb470c6a2p-2,  0x1.d582abad778abp+0, -0x1.234f803ae97c9p+0, 0x1.93db388360853p-1,
    -0x1.cc379d37ddf26p-1, -0x1.f04e40bd2c5c2p-2, 0x1.3a1b9d5da440fp-1, 0x1.0d22323f861ddp+0};
inline constexpr double queries[m][d] = {{0x1.ada0e30ff6f2cp-1, 0x1.da47e83d341d9p-1, 0x1.cdb6c39c7cce8p-4},
                                         {0x1.aa9bf2683d06ep-2, 0x1.8a793137ef6fcp-2, 0x1.798e8b4f4dae8p-3},
                                         {0x1.7d32b4c74daaep-1, 0x1.9f00049f44007p-1, 0x1.670785e2f1c34p-2},
                                         {0x1.992bf1e41fe50p-2, 0x1.910c15debf688p-4, 0x1.0da61ea7669dap-1},
                                         {0x1.a3bbc26b8be1cp-3, 0x1.976dab7102a17p-1, 0x1.6a0c7329d8c10p-5},
                                         {0x1.857294ea72a0cp-2, 0x1.3f1a9310f211ap-1, 0x1.b54f06cc744bcp-1}};
inline constexpr double lengthscales[d] = {0x1.3333333333333p-2, 0x1.6666666666666p-1, 0x1.4000000000000p+1};
inline constexpr double noise_ratio = 0x1.47ae147ae147bp-7;
inline constexpr double mean = 0x1.12e382d32e702p-2;
inline constexpr double scale = 0x1.5851c93914609p-2;
inline constexpr double log_likelihood = 0x1.cd994112cfff8p+1;
inline constexpr double gradient[d + 1] = {0x1.ac6532ed35185p+2, 0x1.02c27c1d53620p+2, 0x1.ad959037d2732p-2,
                                           -0x1.136cc040af292p+0};
inline constexpr double posterior_mean[m] = {-0x1.9cb17f41d3930p-5, 0x1.dc5ab102857a9p-1, 0x1.01fbca7450810p-5,
                                             0x1.4c3c840aa9a89p-1,  0x1.7636b2de5f596p+0, 0x1.0fac5b022618cp+0};
inline constexpr double posterior_variance[m] = {0x1.ad26234dc9ee0p-6, 0x1.3ae3cbe7f9e00p-7, 0x1.2098b2ed4c860p-7,
                                                 0x1.8522af4bbf010p-6, 0x1.2128cbcc52b60p-6, 0x1.f35302735c0e0p-7};

}  // namespace reference
