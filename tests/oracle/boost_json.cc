// Boost.JSON is header-only where this file is linked.
#include <boost/json/src.hpp>
