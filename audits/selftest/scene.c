// SPDX-License-Identifier: Apache-2.0
#include "audits/selftest/scene.h"

#include "audits/table/source.h"
#include "base/bytes.h"
#include "base/fail.h"
#include "codec/json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCENE_MAX = 1 << 16, NAME_MAX_BYTES = 64 };

static const char GENERATOR[] = "{generator}";

/* ---- command lines ---- */

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

/* ---- places ---- */

/* What a name in braces stands for; NULL: nothing. */
static const char *find(const struct aud_scene *scene, const char *name)
{
    const char *text = json_string_value(json_object_get(scene->exhibit->with, name));
    if (strcmp(name, "zoo") == 0) {
        return scene->zoo->path;
    }
    if (text == NULL) {
        const json_t *with = json_object_get(scene->root, "with");
        text = json_string_value(json_object_get(with, name));
    }
    return text;
}

/* The place that `text` begins with: its length in the text and what stands for it; 0 when
 * there is none. */
static size_t take_place(const char **stands, const char *text,
                         const struct aud_scene *scene)
{
    char name[NAME_MAX_BYTES];
    size_t n = strcspn(text, "}");
    if (text[0] != '{' || text[n] == '\0' || n > sizeof name) {
        return 0;
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)n - 1, text + 1);
    *stands = find(scene, name);
    return *stands == NULL ? 0 : n + 1;
}

/* `is_generator`: the text is a word of the generator, in which {generator} means nothing. */
static sil_status fill(struct sil_bytes *out, const char *text,
                       const struct aud_scene *scene, bool is_generator,
                       struct sil_error *err)
{
    const json_t *generator = scene->exhibit->generator;
    const size_t length = strlen(GENERATOR);
    sil_status status = SIL_OK;
    while (*text != '\0') {
        const char *stands = NULL;
        size_t n = take_place(&stands, text, scene);
        if (n > 0) {
            SIL_TRY(sil_bytes_append(out, stands, strlen(stands), err));
        } else if (!is_generator && strncmp(text, GENERATOR, length) == 0) {
            for (size_t i = 0; i < json_array_size(generator); i++) {
                const char *word = json_string_value(json_array_get(generator, i));
                SIL_TRY(sil_bytes_append(out, " ", i > 0 ? 1 : 0, err));
                SIL_TRY(fill(out, word, scene, true, err));
            }
            n = length;
        } else {
            SIL_TRY(sil_bytes_append(out, text, 1, err));
            n = 1;
        }
        text += n;
    }

cleanup:
    return status;
}

static sil_status add_filled(struct aud_line *line, const struct aud_scene *scene,
                             const char *text, bool is_generator, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    SIL_TRY(fill(&bytes, text, scene, is_generator, err));
    SIL_TRY(sil_bytes_append(&bytes, "", 1, err));
    SIL_TRY(aud_line_add(line, (const char *)bytes.data, err));

cleanup:
    sil_bytes_clear(&bytes);
    return status;
}

static sil_status add_generator(struct aud_line *line, const struct aud_scene *scene,
                                struct sil_error *err)
{
    sil_status status = SIL_OK;
    const json_t *generator = scene->exhibit->generator;
    for (size_t i = 0; i < json_array_size(generator) && status == SIL_OK; i++) {
        const char *word = json_string_value(json_array_get(generator, i));
        status = add_filled(line, scene, word, true, err);
    }
    return status;
}

sil_status aud_scene_fill(struct aud_line *line, const struct aud_scene *scene,
                          const json_t *pattern, struct sil_error *err)
{
    sil_status status = SIL_OK;
    if (!aud_is_words(pattern)) {
        return sil_fail(err, SIL_ERR_INPUT,
                        "scene %s: a command line is a list of words", scene->name);
    }
    for (size_t i = 0; i < json_array_size(pattern) && status == SIL_OK; i++) {
        const char *text = json_string_value(json_array_get(pattern, i));
        status = strcmp(text, GENERATOR) == 0
                     ? add_generator(line, scene, err)
                     : add_filled(line, scene, text, false, err);
    }
    return status;
}

/* ---- files ---- */

sil_status aud_scene_open(struct aud_scene *out, const struct aud_zoo *zoo,
                          const struct aud_exhibit *exhibit, struct sil_error *err)
{
    sil_status status = SIL_OK;
    struct sil_bytes bytes = {0};
    char path[PATH_MAX];
    *out = (struct aud_scene){.name = exhibit->scene, .zoo = zoo, .exhibit = exhibit};
    if (strchr(exhibit->scene, '/') != NULL) {
        return sil_fail(err, SIL_ERR_INPUT, "%s: a scene has a name and no path",
                        exhibit->id);
    }
    (void)snprintf(path, sizeof path, "%.*s/scenes/%.200s.json", PATH_MAX / 2,
                   zoo->path, exhibit->scene);
    SIL_TRY(aud_source_read(&bytes, path, SCENE_MAX, err));
    SIL_TRY(
        sil_json_parse(&out->root, (const char *)bytes.data, bytes.length, path, err));

cleanup:
    sil_bytes_clear(&bytes);
    return status;
}

void aud_scene_clear(struct aud_scene *scene)
{
    json_decref(scene->root);
    *scene = (struct aud_scene){0};
}
