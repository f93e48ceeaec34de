// SPDX-License-Identifier: Apache-2.0
#include "audits/cli/parse.h"

#include "audits/attack/attack.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A bit for each key of a command. */
static uint64_t bit_of(int key)
{
    return UINT64_C(1) << (key & 63);
}

bool aud_parse_has(uint64_t given, int key)
{
    return (given & bit_of(key)) != 0;
}

void aud_parse_once(uint64_t *given, int key, const struct argp_option *option,
                    struct argp_state *state)
{
    while ((option->name == NULL || option->key != key) && option->doc != NULL) {
        option++;
    }
    if (option->name == NULL) {
        return;
    }
    if (option->arg != NULL && aud_parse_has(*given, key)) {
        argp_error(state, "--%s is given twice: give it once", option->name);
    }
    *given |= bit_of(key);
}

uint64_t aud_parse_number(const char *name, const char *text, uint64_t least,
                          uint64_t most, struct argp_state *state)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most) {
        argp_error(state, "--%s must be a whole number from %llu to %llu, not %s", name,
                   (unsigned long long)least, (unsigned long long)most, text);
    }
    return value;
}

double aud_parse_real(const char *name, const char *text, double most,
                      struct argp_state *state)
{
    char *end = NULL;
    double value = strtod(text, &end);
    bool begins = (text[0] >= '0' && text[0] <= '9') || text[0] == '.';
    if (!begins || strspn(text, "0123456789.eE-+") != strlen(text) || *end != '\0' ||
        !(value >= 0 && value <= most)) {
        argp_error(state, "%s must be a number from 0 to %g, not %s", name, most, text);
    }
    return value;
}

void aud_parse_claim(struct aud_claim *out, const char *text, struct argp_state *state)
{
    size_t length = strcspn(text, ",");
    const char *delta = text + length + 1;
    if (text[length] != ',' || length >= sizeof out->epsilon_text ||
        strlen(delta) >= sizeof out->delta_text) {
        argp_error(state, "--claim must be epsilon and delta, as in 1,1e-6, not %s",
                   text);
        return;
    }
    out->is_given = true;
    (void)snprintf(out->epsilon_text, sizeof out->epsilon_text, "%.*s", (int)length,
                   text);
    (void)snprintf(out->delta_text, sizeof out->delta_text, "%s", delta);
    out->epsilon = aud_parse_real("epsilon", out->epsilon_text, 500, state);
    out->delta = aud_parse_real("delta", out->delta_text, 1, state);
    if (out->delta >= 1) {
        argp_error(state, "a claim of delta 1 allows everything: it must be below 1");
    }
}

char aud_parse_delimiter(const char *text, struct argp_state *state)
{
    if (strcmp(text, "tab") == 0) {
        return '\t';
    }
    if (strlen(text) != 1 || strchr("\"\r\n", text[0]) != NULL) {
        argp_error(state, "--delimiter must be one character or the word tab");
    }
    return text[0];
}

bool aud_is_day(const char *text)
{
    static const char FORM[] = "dddd-dd-dd";
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int part[3] = {0, 0, 0};
    size_t at = 0;
    bool is = strlen(text) == sizeof FORM - 1;
    for (size_t i = 0; is && i < sizeof FORM - 1; i++) {
        is = FORM[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == FORM[i];
        part[at] = FORM[i] == 'd' ? 10 * part[at] + (text[i] - '0') : part[at];
        at += FORM[i] != 'd';
    }
    if (!is || part[0] < 1 || part[1] < 1 || part[1] > 12) {
        return false;
    }
    bool is_leap = (part[0] % 4 == 0 && part[0] % 100 != 0) || part[0] % 400 == 0;
    int days = DAYS[part[1] - 1] + (part[1] == 2 && is_leap ? 1 : 0);
    return part[2] >= 1 && part[2] <= days;
}
