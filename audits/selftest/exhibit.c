// SPDX-License-Identifier: Apache-2.0
#include "audits/selftest/exhibit.h"

#include "audits/table/source.h"
#include "base/fail.h"
#include "base/memory.h"
#include "codec/json.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DECLARATION_MAX = 1 << 16 };

static const char *text_of(const struct aud_exhibit *exhibit, const char *key)
{
    return json_string_value(json_object_get(exhibit->root, key));
}

bool aud_is_words(const json_t *list)
{
    bool is = json_array_size(list) > 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        is = is && json_is_string(json_array_get(list, i));
    }
    return is;
}

/* The texts that everything after this relies on are there. */
static sil_status check(const struct aud_exhibit *exhibit, const char *name,
                        struct sil_error *err)
{
    const bool has_check = exhibit->scene != NULL && exhibit->check != NULL &&
                           aud_is_words(exhibit->generator);
    const json_t *by = json_object_get(exhibit->root, "refuted_by");
    if (exhibit->id == NULL || exhibit->title == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: it needs an id and a title", name);
    }
    if (exhibit->lacks == NULL && !has_check) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s: it needs a generator (a list of words), a scene and a "
                        "check, or to say what it lacks",
                        name);
    }
    if (by != NULL && exhibit->rule == NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: refuted_by has no id", name);
    }
    return SIL_OK;
}

static sil_status read_exhibit(struct aud_exhibit *out, const char *path,
                               const char *name, struct sil_error *err)
{
    static const char *const KEYS[] = {"id",     "title", "where", "generator",
                                       "with",   "scene", "check", "refuted_by",
                                       "answer", "lacks"};
    static const char *const BY_KEYS[] = {"id", "check"};
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    SIL_TRY(aud_source_read(&bytes, path, DECLARATION_MAX, err));
    SIL_TRY(
        sil_json_parse(&out->root, (const char *)bytes.data, bytes.length, name, err));
    SIL_TRY(
        sil_json_check_keys(out->root, name, KEYS, sizeof KEYS / sizeof KEYS[0], err));
    json_t *by = json_object_get(out->root, "refuted_by");
    if (by != NULL) {
        SIL_TRY(sil_json_check_keys(by, name, BY_KEYS, 2, err));
    }
    const char *where = text_of(out, "where");
    out->id = text_of(out, "id");
    out->title = text_of(out, "title");
    out->where = where == NULL ? "" : where;
    out->generator = json_object_get(out->root, "generator");
    out->with = json_object_get(out->root, "with");
    out->scene = text_of(out, "scene");
    out->check = text_of(out, "check");
    out->rule = json_string_value(json_object_get(by, "id"));
    out->rule_says = json_string_value(json_object_get(by, "check"));
    const char *answer = text_of(out, "answer");
    out->answer = answer == NULL ? "NOT REFUTED" : answer;
    out->lacks = text_of(out, "lacks");
    status = check(out, name, err);

cleanup:
    sil_bytes_clear(&bytes);
    return status;
}

static int is_declaration(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".json") == 0;
}

static sil_status read_all(struct aud_zoo *zoo, struct dirent *const *entry, size_t n,
                           struct sil_error *err)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < n; i++) {
        sil_status status = sil_grow(&zoo->item, &zoo->room, zoo->n + 1,
                                     sizeof *zoo->item, "exhibits", err);
        if (status != SIL_OK) {
            return status;
        }
        (void)snprintf(path, sizeof path, "%.*s/exhibits/%s", PATH_MAX / 2, zoo->path,
                       entry[i]->d_name);
        status = read_exhibit(&zoo->item[zoo->n++], path, entry[i]->d_name, err);
        if (status != SIL_OK) {
            return status;
        }
    }
    return SIL_OK;
}

sil_status aud_zoo_open(struct aud_zoo *out, const char *path, struct sil_error *err)
{
    char exhibits[PATH_MAX];
    struct dirent **entry = NULL;
    *out = (struct aud_zoo){.path = realpath(path, NULL)};
    int n = -1;
    if (out->path != NULL) {
        (void)snprintf(exhibits, sizeof exhibits, "%.*s/exhibits", PATH_MAX / 2,
                       out->path);
        n = scandir(exhibits, &entry, is_declaration, alphasort);
    }
    if (n <= 0) {
        free(entry);
        return sil_fail(err, SIL_ERR_INPUT,
                        "%s is no zoo: it has no exhibits/*.json (a build of the "
                        "project with its tests makes one; --zoo DIR names it)",
                        path);
    }
    sil_status status = read_all(out, entry, (size_t)n, err);
    for (int i = 0; i < n; i++) {
        free(entry[i]);
    }
    free(entry);
    return status;
}

void aud_zoo_clear(struct aud_zoo *zoo)
{
    for (size_t i = 0; i < zoo->n; i++) {
        json_decref(zoo->item[i].root);
    }
    free(zoo->item);
    free(zoo->path);
    *zoo = (struct aud_zoo){0};
}
