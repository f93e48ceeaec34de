# SPDX-License-Identifier: Apache-2.0
# The shared library and what `cmake --install` puts where.
