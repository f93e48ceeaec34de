// SPDX-License-Identifier: Apache-2.0
/* Where the release comes from: the ledger, who holds its keys, and its budget over time. */
#include "base/fail.h"
#include "release/datasheet_html.h"
#include "release/html.h"
#include "synth/model_object.h"
#include "synth/report.h"

/* ---- provenance ---- */

static sil_status put_fact(struct sil_bytes *out, const char *title, const char *value,
                           struct sil_error *err)
{
    return sil_html(out, err,
                    "<tr><th scope=\"row\">%s</th><td><code>%s</code></td></tr>\n",
                    title, value);
}

static sil_status put_facts(struct sil_bytes *out, const struct sil_record *record,
                            struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_genesis *genesis = &record->chain->genesis.genesis;
    char ledger[SIL_ID_TEXT];
    char root[2 * SIL_HASH_BYTES + 1];
    char size[SIL_COUNT_BYTES];
    sil_id_print(ledger, &record->chain->ledger);
    sil_hash_hex(root, record->root.bytes);
    sil_count_text(size, record->size);
    SIL_TRY(sil_html(out, err,
                     "<table class=\"wide sheet\">\n<caption>The ledger of the "
                     "data</caption>\n<tbody>\n"));
    SIL_TRY(put_fact(out, "Ledger", ledger, err));
    SIL_TRY(put_fact(out, "Data label", genesis->data_label, err));
    SIL_TRY(put_fact(out, "Entries before this release", size, err));
    SIL_TRY(put_fact(out, "Root over them", root, err));
    SIL_TRY(put_fact(out, "Origin of its checkpoints", record->origin, err));
    SIL_TRY(put_fact(out, "Founded with", genesis->tool, err));
    SIL_TRY(put_fact(out, "Version", genesis->version, err));
    SIL_TRY(sil_html(out, err, "</tbody>\n</table>\n"));
cleanup:
    return status;
}

static sil_status put_key(struct sil_bytes *out, const struct sil_chain_key *key,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    char id[SIL_ID_TEXT];
    sil_id_print(id, &key->key.id);
    SIL_TRY(sil_html(out, err, "<tr><th scope=\"row\">%s</th><td class=\"name\">",
                     sil_role_name(key->key.role)));
    SIL_TRY(sil_html_name(out, key->key.name, err));
    SIL_TRY(sil_html(out, err,
                     "</td><td><code>%s</code></td><td class=\"n\">%lu</td>"
                     "<td>%s</td></tr>\n",
                     id, (unsigned long)key->from,
                     key->until == UINT64_MAX ? "in use" : "revoked"));
cleanup:
    return status;
}

static sil_status put_keys(struct sil_bytes *out, const struct sil_chain *chain,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    size_t i = 0;
    SIL_TRY(sil_html(
        out, err,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Keys\">\n"
        "<table class=\"wide\">\n<caption>Who may do what: %lu approval%s of an "
        "authority&#39;s key needed for budget. Compare the fingerprints with those the "
        "publisher gave you.</caption>\n<thead><tr><th scope=\"col\">Role</th>"
        "<th scope=\"col\">Name</th><th scope=\"col\">Fingerprint</th>"
        "<th scope=\"col\" class=\"n\">Since entry</th><th scope=\"col\">State</th>"
        "</tr></thead>\n<tbody>\n",
        (unsigned long)chain->thresholds.authority,
        chain->thresholds.authority == 1 ? "" : "s"));
    for (; i < chain->n_keys && out->length < SIL_HTML_KEYS; i++) {
        SIL_TRY(put_key(out, &chain->key[i], err));
    }
    SIL_TRY(sil_html(out, err, "</tbody>\n</table>\n</div>\n"));
    if (i < chain->n_keys) {
        SIL_TRY(sil_html(out, err, "<p>%zu of %zu keys are shown.</p>\n", i,
                         chain->n_keys));
    }
cleanup:
    return status;
}

sil_status sil_html_provenance(struct sil_bytes *out, const struct sil_datasheet *sheet,
                               struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_record *record = sheet->record;
    SIL_TRY(sil_html(
        out, err,
        "<section id=\"provenance\" aria-labelledby=\"provenance-h\">\n"
        "<h2 id=\"provenance-h\">Provenance</h2>\n"
        "<p>The run was charged to a signed ledger before any noise was drawn: entry %lu "
        "reserved its budget, under the grant of entry %lu. This release is entered "
        "behind the %lu entries that this page is about.</p>\n",
        (unsigned long)record->reserve->seq,
        (unsigned long)record->chain->grant[record->reserve->grant].seq,
        (unsigned long)record->size));
    if (record->cumulative.is_shared) {
        SIL_TRY(sil_html(out, err,
                         "<p class=\"warn\"><strong>Shared keys.</strong> One person "
                         "holds the keys of several roles (roles-shared): nobody else "
                         "had to approve what was spent or released.</p>\n"));
    }
    SIL_TRY(put_facts(out, record, err));
    SIL_TRY(put_keys(out, record->chain, err));
    SIL_TRY(sil_html(out, err, "</section>\n"));
cleanup:
    return status;
}

/* ---- budget over time ---- */

enum { STEPS = 48, WIDTH = 640, BASE = 170, HEIGHT = 160 };

/* The part of the cap, in units of the chart's height, rounded up: what was spent is
 * never shown as nothing. */
static unsigned part_of_cap(const mpq_t rho, const mpq_t cap)
{
    mpq_t part;
    mpz_t units;
    if (mpq_sgn(cap) == 0) {
        return 0;
    }
    mpq_init(part);
    mpz_init(units);
    mpq_div(part, rho, cap);
    mpz_mul_ui(units, mpq_numref(part), HEIGHT);
    mpz_cdiv_q(units, units, mpq_denref(part));
    unsigned n = (unsigned)mpz_get_ui(units);
    mpz_clear(units);
    mpq_clear(part);
    return n;
}

/* One bar a run, as high as all runs up to it; the first bar of many stands for the runs
 * before those shown as well. */
static sil_status put_steps(struct sil_bytes *out, const struct sil_record *record,
                            size_t first, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_chain *chain = record->chain;
    const unsigned n = (unsigned)(chain->n_reserves - first);
    const unsigned width = WIDTH / (n < 6 ? 6 : n);
    mpq_t sum;
    mpq_init(sum);
    for (size_t i = 0; i < chain->n_reserves; i++) {
        const struct sil_chain_reserve *reserve = &chain->reserve[i];
        mpq_add(sum, sum, reserve->rho.v);
        if (i < first) {
            continue;
        }
        unsigned total = part_of_cap(sum, chain->genesis.genesis.cap_rho.v);
        unsigned own = part_of_cap(reserve->rho.v, chain->genesis.genesis.cap_rho.v);
        unsigned x = (unsigned)(i - first) * width;
        SIL_TRY(sil_html(
            out, err,
            "<rect class=\"past\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>"
            "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n",
            x, BASE - total, width - 2, total,
            reserve == record->reserve ? "hatch" : "bar", x, BASE - total, width - 2,
            own));
    }
cleanup:
    mpq_clear(sum);
    return status;
}

static sil_status put_chart(struct sil_bytes *out, const struct sil_record *record,
                            size_t first, struct sil_error *err)
{
    sil_status status = SIL_OK;
    unsigned percent = part_of_cap(record->chain->reserved.v,
                                   record->chain->genesis.genesis.cap_rho.v) *
                       100 / HEIGHT;
    SIL_TRY(sil_html(
        out, err,
        "<figure>\n<svg viewBox=\"0 0 640 174\" role=\"img\" "
        "aria-labelledby=\"budget-t budget-d\">"
        "<title id=\"budget-t\">Budget reserved, run by run, against the cap</title>"
        "<desc id=\"budget-d\">%zu run%s; together about %u %% of the cap. The table "
        "below has the figures.</desc>\n"
        "<defs><pattern id=\"hatch\" width=\"8\" height=\"8\" "
        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
        "<path class=\"stripe\" d=\"M0 0V8\"/></pattern></defs>\n",
        record->chain->n_reserves, record->chain->n_reserves == 1 ? "" : "s", percent));
    SIL_TRY(put_steps(out, record, first, err));
    SIL_TRY(sil_html(
        out, err,
        "<path class=\"cap\" d=\"M0 %dH%d\"/>"
        "<path class=\"edge\" stroke-width=\"2\" d=\"M0 %dH%d\"/></svg>\n"
        "<figcaption>Sum of rho after each run. Upper part: the run&#39;s own share, "
        "hatched for the run of this release; grey: the runs before it; dashes: the "
        "cap, fixed for ever.</figcaption>\n</figure>\n",
        BASE - HEIGHT, WIDTH, BASE, WIDTH));
cleanup:
    return status;
}

static sil_status put_run(struct sil_bytes *out, const struct sil_record *record,
                          size_t i, struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_chain *chain = record->chain;
    const struct sil_chain_reserve *reserve = &chain->reserve[i];
    char time[SIL_TIME_BYTES];
    sil_time_text(time, reserve->time);
    SIL_TRY(sil_html(out, err,
                     "<tr><th scope=\"row\" class=\"n\">%lu</th><td>%s</td>"
                     "<td class=\"name\">",
                     (unsigned long)reserve->seq, time));
    SIL_TRY(sil_html_name(out, chain->grant[reserve->grant].purpose, err));
    SIL_TRY(sil_html(out, err, "</td><td class=\"n\">"));
    SIL_TRY(sil_print_epsilon(out, reserve->rho.v, err));
    SIL_TRY(sil_html(out, err, "</td><td>%s",
                     reserve->n_measures > 0 ? "measured"
                                             : "nothing came of it, and it is spent"));
    SIL_TRY(sil_html(out, err,
                     reserve == record->reserve
                         ? "; <strong>this release</strong></td></tr>\n"
                         : "</td></tr>\n"));
cleanup:
    return status;
}

sil_status sil_html_budget(struct sil_bytes *out, const struct sil_datasheet *sheet,
                           struct sil_error *err)
{
    sil_status status = SIL_OK;
    const struct sil_record *record = sheet->record;
    const size_t n = record->chain->n_reserves;
    const size_t first = n > STEPS ? n - STEPS : 0;
    SIL_TRY(
        sil_html(out, err,
                 "<section id=\"budget\" aria-labelledby=\"budget-h\">\n"
                 "<h2 id=\"budget-h\">Budget over time</h2>\n<p>Of the cap rho = "));
    SIL_TRY(sil_print_epsilon(out, record->cumulative.cap.rho.v, err));
    SIL_TRY(sil_html(out, err, " the runs so far reserved "));
    SIL_TRY(sil_print_epsilon(out, record->cumulative.reserved.rho.v, err));
    SIL_TRY(sil_html(out, err,
                     ". What a run reserves is spent, whatever comes of it."
                     "</p>\n"));
    SIL_TRY(put_chart(out, record, first, err));
    SIL_TRY(sil_html(
        out, err,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Runs\">\n"
        "<table class=\"wide\">\n<caption>Runs %zu to %zu of %zu; exact figures in "
        "datasheet.json.</caption>\n<thead><tr><th scope=\"col\" class=\"n\">Entry</th>"
        "<th scope=\"col\">Time</th><th scope=\"col\">Purpose of its grant</th>"
        "<th scope=\"col\" class=\"n\">rho</th><th scope=\"col\">State</th></tr></thead>"
        "\n<tbody>\n",
        first + 1, n, n));
    for (size_t i = first; i < n; i++) {
        SIL_TRY(put_run(out, record, i, err));
    }
    SIL_TRY(sil_html(out, err, "</tbody>\n</table>\n</div>\n</section>\n"));
cleanup:
    return status;
}
