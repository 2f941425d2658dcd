# Workers on other machines, over TCP.
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}/../modules")
hposearch_component_headers(cluster.hpp cluster/)
# Asio of Boost 1.74 does not compile as C++20 with g++ 12.
hposearch_component_needs(Boost TARGET Boost::headers MINIMUM 1.75 DEBIAN libboost1.81-dev)
hposearch_component_needs(OpenSSL TARGET OpenSSL::SSL DEBIAN libssl-dev)
hposearch_component_needs(OpenSSL TARGET OpenSSL::Crypto DEBIAN libssl-dev)
hposearch_component_needs(libcbor TARGET libcbor::libcbor DEBIAN libcbor-dev)
