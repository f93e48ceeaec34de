// SPDX-License-Identifier: Apache-2.0
#include "cli/report.h"

#include "base/fail.h"
#include "base/file.h"
#include "cli/terminal.h"
#include "cli/words.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *command; ///< "" before one is known
    bool json;
    const char *text; ///< that the next error is about; NULL: none
    size_t column;
} style = {"", false, NULL, 0};

void sil_cli_report_style(const char *command, bool json)
{
    style.command = command;
    style.json = json;
}

static const char *code_of(sil_status status)
{
    switch (status) {
    case SIL_OK: return "OK";
    case SIL_ERR_CHECK: return "CHECK";
    case SIL_ERR_UNSUPPORTED: return "UNSUPPORTED";
    case SIL_ERR_USAGE: return "USAGE";
    case SIL_ERR_INPUT: return "INPUT";
    case SIL_ERR_INTERNAL: return "INTERNAL";
    case SIL_ERR_IO: return "IO";
    case SIL_ERR_BUDGET: return "BUDGET";
    }
    return "INTERNAL";
}

/* File names are bytes; JSON is UTF-8: what is not becomes question marks. */
json_t *sil_cli_report_text(const char *text)
{
    json_t *string = json_string(text);
    if (string != NULL) {
        return string;
    }
    char copy[sizeof(struct sil_error)];
    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80) {
            *c = '?';
        }
    }
    return json_string(copy);
}

static void print_object(json_t *object)
{
    char *line = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    /* Without memory for a sentence there is still one for the program. */
    (void)fprintf(stderr, "%s\n",
                  line == NULL ? "{\"schema\":1,\"ok\":false,\"status\":70,"
                                 "\"code\":\"INTERNAL\",\"message\":\"out of memory\"}"
                               : line);
    free(line);
    json_decref(object);
}

bool sil_cli_report_is_json(void)
{
    return style.json;
}

void sil_cli_report_object(json_t *members)
{
    json_t *object =
        json_pack("{s:i, s:b, s:s}", "schema", 1, "ok", 1, "command", style.command);
    int failed =
        object == NULL || members == NULL ? -1 : json_object_update(object, members);
    json_decref(members);
    if (failed != 0) {
        json_decref(object);
        object = NULL;
    }
    print_object(object);
}

void sil_cli_report_place(const char *text, size_t column)
{
    style.text = column > 0 ? text : NULL;
    style.column = column;
}

/* What stands around the place in one line, and a caret under it: bytes that go on a character
 * take no room. */
static void point(const char *text, size_t column)
{
    enum { BEFORE = 40, WIDTH = 72 };

    size_t from = column > BEFORE ? column - BEFORE : 0;
    while (from > 0 && ((unsigned char)text[from] & 0xc0) == 0x80) {
        from--;
    }
    size_t blanks = 0;
    for (size_t i = from; i + 1 < column && text[i] != '\0'; i++) {
        blanks += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    sil_cli_say("  %.*s", WIDTH, text + from);
    sil_cli_say("  %*s^", (int)blanks, "");
}

void sil_cli_report_error(sil_status status, const struct sil_error *err)
{
    sil_cli_progress_clear();
    if (style.json) {
        json_t *object =
            json_pack("{s:i, s:b, s:s, s:i, s:s, s:o}", "schema", 1, "ok", 0, "command",
                      style.command, "status", (int)status, "code", code_of(status),
                      "message", sil_cli_report_text(err->text));
        if (object != NULL && style.text != NULL) {
            (void)json_object_set_new(object, "text", sil_cli_report_text(style.text));
            (void)json_object_set_new(object, "column",
                                      json_integer((json_int_t)style.column));
        }
        print_object(object);
        return;
    }
    const char *gap = style.command[0] == '\0' ? "" : " ";
    sil_cli_say("silhouette%s%s: %s", gap, style.command, err->text);
    if (style.text != NULL) {
        point(style.text, style.column);
        return;
    }
    if (status == SIL_ERR_USAGE) {
        sil_cli_say("Try `silhouette%s%s --help'.", gap, style.command);
    }
}

void sil_cli_report_warning(const char *text)
{
    sil_cli_progress_clear();
    if (style.json) {
        sil_cli_report_object(json_pack("{s:o}", "warning", sil_cli_report_text(text)));
        return;
    }
    sil_cli_say("silhouette%s%s: warning: %s", style.command[0] == '\0' ? "" : " ",
                style.command, text);
}

static sil_status write_with_mode(const char *path, mode_t mode, const char *text,
                                  size_t length, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_output *output = NULL;

    SIL_TRY(sil_output_open(&output, path == NULL ? "-" : path, mode, err));
    SIL_TRY(sil_output_write(output, text, length, err));
    struct sil_output *ready = output;
    output = NULL;
    SIL_TRY(sil_output_commit(ready, err));

cleanup:
    sil_output_abandon(output);
    return status;
}

sil_status sil_cli_write_text(const char *path, const char *text, size_t length,
                              struct sil_error *err)
{
    return write_with_mode(path, 0644, text, length, err);
}

sil_status sil_cli_write_words(const char *path, struct sil_bytes *words,
                               struct sil_error *err)
{
    sil_cli_blunt((char *)words->data, words->length, true);
    return sil_cli_write_text(path, (char *)words->data, words->length, err);
}

sil_status sil_cli_write_folded(const char *path, char *text, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes lines = {0};
    size_t length = strlen(text);

    sil_cli_blunt(text, length, true);
    SIL_TRY(sil_cli_wrap(&lines, text, length, err));
    SIL_TRY(sil_cli_write_text(path, (char *)lines.data, lines.length, err));

cleanup:
    sil_bytes_clear(&lines);
    return status;
}

sil_status sil_cli_write_internal(const char *path, const char *text, size_t length,
                                  struct sil_error *err)
{
    return write_with_mode(path, 0600, text, length, err);
}
