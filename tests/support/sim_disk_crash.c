// SPDX-License-Identifier: Apache-2.0
/* All states that a power cut may leave: the product of a number of choices, each with its
 * options, of which option 0 is "as it was safe". */
#include "support/sim_disk_internal.h"

#include <stdlib.h>
#include <string.h>

enum { CHOICES_MAX = 32, STATES_MAX = 100000 };

/* What became of a file's bytes. */
enum form { OLD, NEW, EMPTY, CUT, ZEROS_BEHIND, ZEROS_BEFORE, N_FORMS };

/* What became of the older names in tmp. */
enum leftovers { NONE, ALL, MADE_ONLY, N_LEFTOVERS };

struct choice {
    size_t n_options;
    int directory;    /* of a name; SIM_GONE: another kind of choice */
    const char *name; /* NULL: a whole change */
    int file;         /* SIM_GONE: another kind of choice */
};

/* A change is made in the states that take this option of this choice. */
struct assignment {
    size_t choice;
    size_t option;
    bool is_old_tmp; /* option is one of enum leftovers */
};

struct plan {
    const struct sim_disk *disk;
    struct choice choice[CHOICES_MAX];
    size_t n_choices;
    struct assignment *assigned; /* one for each change */
    bool *is_read;               /* for each node: it may have a name outside tmp */
};

static size_t add_choice(struct plan *plan, const struct choice *choice)
{
    sim_must(plan->n_choices < CHOICES_MAX, "too much at once is not safe");
    plan->choice[plan->n_choices] = *choice;
    return plan->n_choices++;
}

/* ---- names ---- */

/* Is the name part of a rename within its directory? Then its changes are tied to those of
 * another name, and each is taken or left by itself. */
static bool is_tied(const struct sim_disk *disk, int directory, const char *name)
{
    for (size_t i = 0; i < disk->n_changes; i++) {
        const struct sim_change *change = &disk->change[i];
        if (change->n == 2 && change->directory == directory &&
            (strcmp(change->part[0].name, name) == 0 ||
             strcmp(change->part[1].name, name) == 0)) {
            return true;
        }
    }
    return false;
}

static size_t choice_of_name(struct plan *plan, int directory, const char *name)
{
    for (size_t i = 0; i < plan->n_choices; i++) {
        const struct choice *choice = &plan->choice[i];
        if (choice->directory == directory && choice->name != NULL &&
            strcmp(choice->name, name) == 0) {
            return i;
        }
    }
    return add_choice(plan, &(struct choice){.n_options = 1,
                                             .directory = directory,
                                             .name = name,
                                             .file = SIM_GONE});
}

static const char *newest_tmp_name(const struct sim_disk *disk)
{
    for (size_t i = disk->n_changes; i-- > 0;) {
        if (disk->node[disk->change[i].directory].is_tmp) {
            return disk->change[i].part[0].name;
        }
    }
    return NULL;
}

static void choose_names(struct plan *plan)
{
    const struct sim_disk *disk = plan->disk;
    const char *newest = newest_tmp_name(disk);
    size_t old_tmp = CHOICES_MAX;
    for (size_t i = 0; i < disk->n_changes; i++) {
        const struct sim_change *change = &disk->change[i];
        const char *name = change->part[0].name;
        struct assignment *assigned = &plan->assigned[i];
        const struct choice whole = {
            .n_options = 2, .directory = SIM_GONE, .file = SIM_GONE};
        if (disk->node[change->directory].is_tmp && strcmp(name, newest) != 0) {
            if (old_tmp == CHOICES_MAX) {
                old_tmp = add_choice(plan, &whole);
                plan->choice[old_tmp].n_options = N_LEFTOVERS;
            }
            *assigned = (struct assignment){.choice = old_tmp, .is_old_tmp = true};
        } else if (change->n == 2 || is_tied(disk, change->directory, name)) {
            *assigned =
                (struct assignment){.choice = add_choice(plan, &whole), .option = 1};
        } else {
            assigned->choice = choice_of_name(plan, change->directory, name);
            assigned->option = plan->choice[assigned->choice].n_options++;
        }
    }
}

/* ---- files ---- */

static bool names_it(const struct sim_names *names, int number)
{
    for (size_t i = 0; i < names->n; i++) {
        if (names->name[i].node == number) {
            return true;
        }
    }
    return false;
}

/* May it have a name outside tmp in some state? */
static bool may_be_read(const struct sim_disk *disk, int number)
{
    for (size_t i = 0; i < disk->n_nodes; i++) {
        const struct sim_node *node = &disk->node[i];
        if (node->is_directory && !node->is_tmp && names_it(&node->kept, number)) {
            return true;
        }
    }
    for (size_t i = 0; i < disk->n_changes; i++) {
        const struct sim_change *change = &disk->change[i];
        for (size_t j = 0; j < change->n; j++) {
            if (!disk->node[change->directory].is_tmp &&
                change->part[j].node == number) {
                return true;
            }
        }
    }
    return false;
}

static void choose_files(struct plan *plan)
{
    const struct sim_disk *disk = plan->disk;
    for (size_t i = 0; i < disk->n_nodes; i++) {
        const struct sim_node *node = &disk->node[i];
        plan->is_read[i] = may_be_read(disk, (int)i);
        if (plan->is_read[i] && !sim_same_content(&node->seen, &node->safe)) {
            (void)add_choice(plan, &(struct choice){.n_options = 2 * (size_t)N_FORMS,
                                                    .directory = SIM_GONE,
                                                    .file = (int)i});
        }
    }
}

/* Is this form of the file the same as one before it? */
static bool is_repeated(const struct sim_node *node, size_t option)
{
    bool has_new_mode = option >= N_FORMS;
    size_t form = option % N_FORMS;
    if (has_new_mode && node->seen.mode == node->safe.mode) {
        return true;
    }
    if (form == OLD) {
        return false;
    }
    struct sim_content seen = node->seen;
    seen.mode = node->safe.mode;
    return sim_same_content(&seen, &node->safe) ||
           (form == EMPTY && sim_length(&node->safe) == 0);
}

static void shape(struct sim_node *to, const struct sim_node *from, size_t option)
{
    const size_t form = option % N_FORMS;
    const size_t length = sim_length(&from->seen);
    const size_t half = length / 2;
    sim_copy_content(&to->seen, form == OLD ? &from->safe : &from->seen);
    to->seen.mode = option >= N_FORMS ? from->seen.mode : from->safe.mode;
    if (form == EMPTY || form == ZEROS_BEFORE) {
        sim_cut(&to->seen, 0);
    } else if (form == CUT || form == ZEROS_BEHIND) {
        sim_cut(&to->seen, half);
    }
    if (form == ZEROS_BEHIND) {
        sim_append(&to->seen, NULL, length - half);
    } else if (form == ZEROS_BEFORE && length > 0) {
        sim_append(&to->seen, NULL, half);
        sim_append(&to->seen, from->seen.bytes->data + half, length - half);
    }
}

/* ---- states ---- */

static bool is_made(const struct sim_change *change, const struct assignment *assigned,
                    const size_t *option)
{
    const size_t taken = option[assigned->choice];
    if (!assigned->is_old_tmp) {
        return taken == assigned->option;
    }
    return taken == ALL || (taken == MADE_ONLY && change->part[0].node != SIM_GONE);
}

static void copy_files(struct sim_disk *image, const struct plan *plan,
                       const size_t *option)
{
    for (size_t i = 0; i < image->n_nodes; i++) {
        const struct sim_node *from = &plan->disk->node[i];
        sim_copy_content(&image->node[i].seen,
                         plan->is_read[i] ? &from->safe : &from->seen);
    }
    for (size_t i = 0; i < plan->n_choices; i++) {
        const int file = plan->choice[i].file;
        if (file != SIM_GONE) {
            shape(&image->node[file], &plan->disk->node[file], option[i]);
        }
    }
}

/* What is in a directory whose own name was lost is lost as well. A directory is made
 * before those in it, so that one pass does. */
static void drop_unreachable(struct sim_disk *image)
{
    uint64_t *links = sim_count_links(image);
    for (size_t i = SIM_ROOT + 1; i < image->n_nodes; i++) {
        struct sim_names *names = &image->node[i].now;
        for (size_t j = 0; links[i] == 0 && j < names->n; j++) {
            links[names->name[j].node]--;
        }
        names->n = links[i] == 0 ? 0 : names->n;
    }
    free(links);
}

static struct sim_disk *image_of(const struct plan *plan, const size_t *option)
{
    const struct sim_disk *disk = plan->disk;
    struct sim_disk *image = sim_disk_blank(disk->now);
    image->node = calloc(disk->n_nodes, sizeof *image->node);
    sim_must(image->node != NULL, "memory");
    image->n_nodes = disk->n_nodes;
    for (size_t i = 0; i < disk->n_nodes; i++) {
        const struct sim_node *from = &disk->node[i];
        struct sim_node *to = &image->node[i];
        *to = (struct sim_node){.is_directory = from->is_directory,
                                .is_tmp = from->is_tmp,
                                .locked_by = SIM_GONE};
        if (from->is_directory) {
            sim_copy_names(&to->now, &from->kept);
        }
    }
    for (size_t i = 0; i < disk->n_changes; i++) {
        const struct sim_change *change = &disk->change[i];
        bool made = is_made(change, &plan->assigned[i], option);
        for (size_t j = 0; made && j < change->n; j++) {
            sim_set_name(&image->node[change->directory].now, change->part[j].name,
                         change->part[j].node);
        }
    }
    copy_files(image, plan, option);
    drop_unreachable(image);
    sim_disk_settle(image);
    return image;
}

/* The next combination of options, like a counter; false after the last. */
static bool advance(const struct plan *plan, size_t *option)
{
    for (size_t i = 0; i < plan->n_choices; i++) {
        const struct choice *choice = &plan->choice[i];
        do {
            option[i]++;
        } while (choice->file != SIM_GONE && option[i] < choice->n_options &&
                 is_repeated(&plan->disk->node[choice->file], option[i]));
        if (option[i] < choice->n_options) {
            return true;
        }
        option[i] = 0;
    }
    return false;
}

size_t sim_disk_crash(const struct sim_disk *disk, sim_disk_fn *each, void *context)
{
    struct plan plan = {.disk = disk};
    size_t option[CHOICES_MAX] = {0};
    size_t n = 0;
    plan.assigned = calloc(disk->n_changes + 1, sizeof *plan.assigned);
    plan.is_read = calloc(disk->n_nodes, sizeof *plan.is_read);
    sim_must(plan.assigned != NULL && plan.is_read != NULL, "memory");
    choose_names(&plan);
    choose_files(&plan);
    do {
        struct sim_disk *image = image_of(&plan, option);
        each(context, image);
        sim_disk_free(image);
        n++;
        sim_must(n <= STATES_MAX, "too many states");
    } while (advance(&plan, option));
    free(plan.assigned);
    free(plan.is_read);
    return n;
}
