#include <algorithm>

#include <Eigen/Core>
#include <support/catch.hpp>
#include <support/matrices.hpp>

#include <hposearch/numeric/strips.hpp>

using Eigen::Index;
using Eigen::MatrixXd;
using hposearch::numeric::columns_of;
using hposearch::numeric::pack;
using hposearch::numeric::rows_of;
using hposearch::numeric::strip;
using hposearch::numeric::unpack;

TEST_CASE("rows and columns go into strips, padded with zeros, and come back") {
  for (const Index length : {1, 5, 8, 11}) {
    for (Index vectors = 1; vectors <= 11; ++vectors) {
      for (Index first = 0; first < vectors; first += strip) {
        CAPTURE(length, vectors, first);
        const Index padded = length + 3;
        const Index used = std::min(strip, vectors - first);
        MatrixXd columns = support::random_matrix(length, vectors, 1);
        MatrixXd rows = columns.transpose();
        MatrixXd from_columns = MatrixXd::Constant(strip, padded, 7), from_rows = from_columns;
        pack(columns_of(columns, first), from_columns.data(), padded);
        pack(rows_of(rows, first), from_rows.data(), padded);

        MatrixXd expected = MatrixXd::Zero(strip, padded);
        expected.topLeftCorner(used, length) = rows.middleRows(first, used);
        REQUIRE(from_columns == expected);
        REQUIRE(from_rows == expected);

        MatrixXd columns_back = MatrixXd::Zero(length, vectors), rows_back = MatrixXd::Zero(vectors, length);
        unpack(from_columns.data(), columns_of(columns_back, first));
        unpack(from_rows.data(), rows_of(rows_back, first));
        REQUIRE(columns_back.middleCols(first, used) == columns.middleCols(first, used));
        REQUIRE(rows_back == columns_back.transpose());
      }
    }
  }
}
