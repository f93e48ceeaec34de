#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gates that can fail: what they are to find is found, and what looks alike is not."""
import pathlib

import check_includes
import check_text
import tree

FLOATS = ["double x;", "float_t y;", "x = n * 0.5;", "x = .5;", "x = 1.;", "x = 1e3;",
          "x = 1.5e-3f;", "x = 0x1p-3;", "_Float64 x;", "__float128 x;",
          "mpq_get_d(x)", "mpfr_get_d(x, MPFR_RNDU)", "mpz_set_d(x, y)",
          "mpq_set_d(x, y)", "mpfr_set_ld(x, y)", "mpfr_add_d(x, y, z, r)",
          "mpfr_d_sub(x, y, z, r)", "mpf_get_d_2exp(&e, x)", "strtod(text, &end)",
          "atof(text)"]
NO_FLOATS = ["x = 0x9E3779B97F4A7C15;", "x = UINT64_C(0x243F6A8885A308D3);", "f(a, ...)",
             "x = 10000;", "s.n1e3 = 1;", "mpq_set(x, y)", "mpz_fdiv_q(a, b, c)",
             "mpfr_div_2exp(a, b, 3, r)", "mpz_divisible_p(a, b)", "x = 0x1e3;",
             "sil_doubled(x)", "case 1: break;", "mpfr_mul_q(a, b, c, r)"]

# A file, the header it includes, and whether that is a finding.
INCLUDES = [
    ("src/synth/run.c", "table/table_store.h", True),
    ("src/synth/run.c", "table/code_cache.h", True),
    ("src/synth/run.c", "table/some_new_header.h", True),
    ("src/synth/run.c", "table/table.h", False),
    ("src/cli/main.c", "table/columns.h", True),
    ("src/synth/run.c", "table/columns.h", True),
    ("src/release/record.c", "table/columns.h", True),
    ("src/internal/rows.c", "table/columns.h", False),
    ("src/internal/rows.c", "table/table_store.h", True),
    ("src/internal/rows.c", "table/field.h", True),
    ("src/internal/rows.c", "privacy/counts_internal.h", True),
    ("src/internal/rows.c", "release/record.h", True),
    ("src/release/record.c", "internal/comparison.h", True),
    ("src/synth/run.c", "internal/rows.h", True),
    ("src/cli/main.c", "internal/documents.h", False),
    ("src/cli/main.c", "table/schema.h", False),
    ("src/table/load.c", "table/table_store.h", False),
    ("tests/unit/table/test_load.c", "table/table_store.h", False),
    ("src/synth/run.c", "privacy/counts_internal.h", True),
    ("src/table/count.c", "privacy/counts_internal.h", False),
    ("src/model/fit.c", "privacy/gate.h", True),
    ("src/model/fit.c", "table/table.h", True),
]

# A file, a line of it, and whether that is a finding.
RAW_ROWS = [
    ("src/synth/run.c", "SIL_TRY(sil_table_write_codes(a, b, c, d, err));", True),
    ("src/synth/run.c", "sil_schema_check_data(a, b)", True),
    ("src/ledger/token.c", "sil_schema_draft(a)", True),
    ("src/synth/run.c", "sil_table_count(a)", False),
    ("src/cli/main.c", "sil_schema_draft(a)", False),
    ("tests/unit/table/test_draft.c", "sil_schema_draft(a)", False),
]

# Built from parts, so that this file passes a search for them.
TRACES = ["in /" + "home/anna/data.csv", "see https://" + "mirror.example/x",
          "from deb" + ".example.org", f"{tree.ROOT}/src"]
NO_TRACES = ["https://datapackage.org/profiles", "homework / root / users", "debts.org.x"]


def main():
    findings = [f"not seen: {line}" for line in FLOATS if not check_text.has_float(line)]
    findings += [f"seen: {line}" for line in NO_FLOATS if check_text.has_float(line)]
    findings += [f"not seen: {line}" for line in TRACES if not check_text.traces(line)]
    findings += [f"seen: {line}" for line in NO_TRACES if check_text.traces(line)]
    for name, header, is_wrong in INCLUDES:
        found = list(check_includes.check_include(pathlib.Path(name), 1, '"', header))
        if bool(found) != is_wrong:
            findings.append(f"{name} including {header}: {found}")
    for name, line, is_wrong in RAW_ROWS:
        found = list(check_includes.check_names(pathlib.Path(name), 1, line))
        if bool(found) != is_wrong:
            findings.append(f"{name}: {line}: {found}")
    tree.finish("gates", findings,
                len(FLOATS) + len(NO_FLOATS) + len(TRACES) + len(NO_TRACES)
                + len(INCLUDES) + len(RAW_ROWS))


if __name__ == "__main__":
    main()
