// SPDX-License-Identifier: Apache-2.0
/* What is looked at: the operations of a ledger, each on a disk where others went before. */
#include "stage.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static void must(bool holds, const char *what, const struct sil_error *err)
{
    if (!holds) {
        (void)fprintf(stderr, "a scene: %s: %s\n", what, err->text);
        abort();
    }
}

static int enter(const struct sil_fs *fs, const char *path)
{
    int directory = fs->open_directory(fs->self, AT_FDCWD, path);
    must(directory >= 0, path, &(struct sil_error){{0}});
    return directory;
}

/* An entry that was never acknowledged, of which a disk kept the name and no bytes. */
static void put_garbage(const struct sil_fs *fs)
{
    int entries = enter(fs, "/book/entries");
    int file = fs->create_file(fs->self, entries, "000000000003", 0444);
    must(file >= 0, "garbage", &(struct sil_error){{0}});
    (void)fs->close(fs->self, file);
    (void)fs->close(fs->self, entries);
}

static void lose_checkpoints(const struct sil_fs *fs)
{
    int checkpoints = enter(fs, "/book/checkpoints");
    for (int i = 2; i <= 3; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%012d", i);
        must(fs->unlink(fs->self, checkpoints, name) == 0, name,
             &(struct sil_error){{0}});
    }
    (void)fs->close(fs->self, checkpoints);
}

const struct workload WORKLOADS[N_WORKLOADS] = {
    {.name = "found",                                                    .step = {stage_found}  },
    {.name = "grant",                                                    .before = {stage_found}, .step = {stage_open, stage_grant}},
    {.name = "reserve",
     .before = {stage_found, stage_grant},
     .step = {stage_open, stage_reserve}},
    {.name = "two reserves",
     .before = {stage_found, stage_grant},
     .step = {stage_open, stage_reserve, stage_reserve}},
    {.name = "keyset",
     .before = {stage_found, stage_grant},
     .step = {stage_replace_log}},
    {.name = "measure",
     .before = {stage_found, stage_grant, stage_reserve},
     .step = {stage_open, stage_measure}},
    {.name = "release",
     .before = {stage_found, stage_grant, stage_reserve, stage_measure},
     .step = {stage_open, stage_release}},
    {.name = "recover: quarantine",
     .before = {stage_found, stage_grant, stage_reserve},
     .spoil = put_garbage,
     .step = {stage_recover},
     .refused = "E-CORRUPT"},
    {.name = "recover: rebuild",
     .before = {stage_found, stage_grant, stage_reserve},
     .spoil = lose_checkpoints,
     .step = {stage_recover},
     .refused = "E-ROLLBACK"},
    {.name = "quickstart",
     .step = {stage_found, stage_grant, stage_data, stage_reserve, stage_measure}                                        },
};

static struct sil_bytes approve_recovery(const struct stage *stage)
{
    struct sil_error err = {{0}};
    struct sil_bytes encoded = {0};
    struct sil_body body;
    must(sil_ledger_propose_recovery(&body, &stage->book.place, "power was lost",
                                     &err) == SIL_OK,
         "proposing", &err);
    must(sil_body_encode(&encoded, &body, &err) == SIL_OK, "encoding", &err);
    sil_body_clear(&body);
    return encoded;
}

struct scene scene_new(const struct workload *workload)
{
    struct sil_error err = {{0}};
    struct scene scene = {.workload = workload, .disk = sim_disk_new(KIT_START)};
    struct stage stage = stage_on(scene.disk);
    chance_start(1);
    for (size_t i = 0; i < STEPS_MAX && workload->before[i] != NULL; i++) {
        must(workload->before[i](&stage, &err) == SIL_OK, workload->name, &err);
    }
    scene.told = stage.told;
    stage_clear(&stage);
    if (workload->spoil != NULL) {
        workload->spoil(sim_disk_fs(scene.disk));
        scene.recovery = approve_recovery(&stage);
    }
    sim_disk_settle(scene.disk);
    return scene;
}

void scene_clear(struct scene *scene)
{
    sil_bytes_clear(&scene->recovery);
    sim_disk_free(scene->disk);
}

struct stage scene_enter(const struct scene *scene)
{
    struct stage stage = stage_on(sim_disk_clone(scene->disk));
    stage.told = scene->told;
    stage.recovery = scene->recovery;
    chance_start(2);
    return stage;
}

void stage_leave(struct stage *stage)
{
    stage_clear(stage);
    sim_disk_free(stage->disk);
}
