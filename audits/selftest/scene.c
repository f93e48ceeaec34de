// SPDX-License-Identifier: Apache-2.0
#include "audits/selftest/scene.h"

#include "base/bytes.h"
#include "base/fail.h"
#include "base/file.h"
#include "codec/json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCENE_MAX = 1 << 16 };

static const char ZOO[] = "{zoo}";
static const char GENERATOR[] = "{generator}";

void aud_line_clear(struct aud_line *line)
{
    for (size_t i = 0; i < line->n; i++) {
        free(line->word[i]);
    }
    *line = (struct aud_line){0};
}

sil_status aud_line_add(struct aud_line *line, const char *text, struct sil_error *err)
{
    if (line->n == AUD_WORDS_MAX) {
        return sil_fail(err, SIL_ERR_INPUT, "a command line of more than %d words",
                        AUD_WORDS_MAX);
    }
    line->word[line->n] = strdup(text);
    if (line->word[line->n] == NULL) {
        return sil_fail(err, SIL_ERR_INTERNAL, "out of memory: a command line");
    }
    line->n++;
    return SIL_OK;
}

/* `text` with the zoo's folder in it and, unless `generator` is NULL, its words with blanks
 * between them. */
static sil_status fill(struct sil_bytes *out, const char *text,
                       const struct aud_zoo *zoo, const json_t *generator,
                       struct sil_error *err)
{
    sil_status status = SIL_OK;
    while (*text != '\0') {
        if (strncmp(text, ZOO, strlen(ZOO)) == 0) {
            SIL_TRY(sil_bytes_append(out, zoo->path, strlen(zoo->path), err));
            text += strlen(ZOO);
        } else if (generator != NULL &&
                   strncmp(text, GENERATOR, strlen(GENERATOR)) == 0) {
            for (size_t i = 0; i < json_array_size(generator); i++) {
                const char *word = json_string_value(json_array_get(generator, i));
                SIL_TRY(sil_bytes_append(out, " ", i > 0 ? 1 : 0, err));
                SIL_TRY(fill(out, word, zoo, NULL, err));
            }
            text += strlen(GENERATOR);
        } else {
            SIL_TRY(sil_bytes_append(out, text, 1, err));
            text++;
        }
    }

cleanup:
    return status;
}

static sil_status add_filled(struct aud_line *line, const char *text,
                             const struct aud_zoo *zoo, const json_t *generator,
                             struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    SIL_TRY(fill(&bytes, text, zoo, generator, err));
    SIL_TRY(sil_bytes_append(&bytes, "", 1, err));
    SIL_TRY(aud_line_add(line, (const char *)bytes.data, err));

cleanup:
    sil_bytes_clear(&bytes);
    return status;
}

sil_status aud_scene_line(struct aud_line *line, const json_t *pattern,
                          const struct aud_zoo *zoo, const struct aud_exhibit *exhibit,
                          struct sil_error *err)
{
    sil_status status = SIL_OK;
    for (size_t i = 0; i < json_array_size(pattern); i++) {
        const char *text = json_string_value(json_array_get(pattern, i));
        if (text == NULL) {
            return sil_fail(err, SIL_ERR_INPUT, "scene %s: a word that is no text",
                            exhibit->scene);
        }
        if (strcmp(text, GENERATOR) != 0) {
            SIL_TRY(add_filled(line, text, zoo, exhibit->generator, err));
            continue;
        }
        for (size_t k = 0; k < json_array_size(exhibit->generator); k++) {
            text = json_string_value(json_array_get(exhibit->generator, k));
            SIL_TRY(add_filled(line, text, zoo, NULL, err));
        }
    }

cleanup:
    return status;
}

sil_status aud_scene_read(json_t **out, const struct aud_zoo *zoo,
                          const struct aud_exhibit *exhibit, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    char path[PATH_MAX];
    *out = NULL;
    if (strchr(exhibit->scene, '/') != NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: a scene has a name and no path",
                        exhibit->id);
    }
    (void)snprintf(path, sizeof path, "%.*s/scenes/%.200s.json", PATH_MAX / 2,
                   zoo->path, exhibit->scene);
    SIL_TRY(sil_file_read(&bytes, path, SCENE_MAX, err));
    SIL_TRY(sil_json_parse(out, (const char *)bytes.data, bytes.length, path, err));

cleanup:
    sil_bytes_clear(&bytes);
    return status;
}
