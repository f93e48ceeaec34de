// SPDX-License-Identifier: Apache-2.0
/* The question for a passphrase, on a terminal of the test's own. */
#define _GNU_SOURCE
#include "ledger/passphrase.h"
#include "support/temp_dir.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const struct sil_kdf_cost CHEAP = {.operations = 32768, .memory = 1 << 24};

/* A program on a terminal, and what the terminal has shown so far. */
struct screen {
    pid_t child;
    int master;
    char shown[4096];
    size_t n;
    size_t seen; ///< what was waited for
};

typedef int program_fn(const struct test_dir *dir);

static struct screen screen_open(program_fn *program, const struct test_dir *dir)
{
    struct screen screen = {0};
    screen.child = forkpty(&screen.master, NULL, NULL, NULL);
    cr_assert(ge(int, screen.child, 0));
    if (screen.child == 0) {
        /* One that the test was started with as ignored would stay so. */
        (void)signal(SIGINT, SIG_DFL);
        (void)signal(SIGHUP, SIG_DFL);
        _exit(program(dir));
    }
    return screen;
}

/* Read until `text` is shown behind what was waited for before; false at the end. */
static bool wait_for(struct screen *screen, const char *text)
{
    const char *found;
    while ((found = strstr(screen->shown + screen->seen, text)) == NULL) {
        ssize_t n = read(screen->master, screen->shown + screen->n,
                         sizeof screen->shown - 1 - screen->n);
        if (n <= 0) {
            return false;
        }
        screen->n += (size_t)n;
        screen->shown[screen->n] = '\0';
    }
    screen->seen = (size_t)(found - screen->shown) + strlen(text);
    return true;
}

static void type(struct screen *screen, const char *text)
{
    cr_assert(write(screen->master, text, strlen(text)) == (ssize_t)strlen(text));
}

static bool ended_with(int status, int code)
{
    return WIFEXITED(status) != 0 && WEXITSTATUS(status) == code;
}

static bool echoes(const struct screen *screen)
{
    struct termios mode;
    cr_assert(zero(int, tcgetattr(screen->master, &mode)));
    return (mode.c_lflag & ECHO) != 0;
}

/* The wait status of the program, with everything shown. */
static int screen_end(struct screen *screen)
{
    int status = 0;
    (void)wait_for(screen, "\x01 never shown");
    cr_assert(eq(int, waitpid(screen->child, &status, 0), screen->child));
    return status;
}

static struct sil_passphrase *from_terminal(void)
{
    struct sil_passphrase *passphrase = NULL;
    cr_assert(eq(int, sil_passphrase_new(&passphrase, NULL, NULL), SIL_OK));
    return passphrase;
}

static struct sil_passphrase *from_file(const struct test_dir *dir, const char *text)
{
    struct sil_passphrase *passphrase = NULL;
    struct test_path file = test_dir_file(dir, "word", text, strlen(text));
    cr_assert(eq(int, sil_passphrase_new(&passphrase, file.text, NULL), SIL_OK));
    return passphrase;
}

static sil_status create(const struct test_dir *dir, const char *name,
                         struct sil_passphrase *passphrase, struct sil_error *err)
{
    struct test_path path = test_dir_path(dir, name);
    const struct sil_new_key spec = {.path = path.text, .cost = &CHEAP};
    return sil_key_create(NULL, &spec, passphrase, err);
}

static sil_status read_key(const struct test_dir *dir, const char *name,
                           struct sil_passphrase *passphrase, struct sil_error *err)
{
    struct sil_secret_key *key = NULL;
    sil_status status =
        sil_key_read(&key, test_dir_path(dir, name).text, passphrase, err);
    sil_secret_key_free(key);
    return status;
}

/* Programs end with the status, and say on the terminal what went wrong. */
static int say(sil_status status, const struct sil_error *err)
{
    if (status != SIL_OK) {
        (void)dprintf(STDOUT_FILENO, "%s\n", err->text);
    }
    return status;
}

static int open_one(const struct test_dir *dir)
{
    struct sil_passphrase *passphrase = from_terminal();
    struct sil_error err = {{0}};
    return say(read_key(dir, "one.key", passphrase, &err), &err);
}

static int open_two(const struct test_dir *dir)
{
    struct sil_passphrase *passphrase = from_terminal();
    struct sil_error err = {{0}};
    sil_status status = read_key(dir, "one.key", passphrase, &err);
    if (status == SIL_OK) {
        status = read_key(dir, "two.key", passphrase, &err);
    }
    return say(status, &err);
}

static int make_new(const struct test_dir *dir)
{
    struct sil_error err = {{0}};
    return say(create(dir, "new.key", from_terminal(), &err), &err);
}

static struct test_dir keys_under(const char *one, const char *two)
{
    struct test_dir dir = test_dir_new();
    struct sil_passphrase *passphrase = from_file(&dir, one);
    cr_assert(eq(int, create(&dir, "one.key", passphrase, NULL), SIL_OK));
    sil_passphrase_free(passphrase);
    passphrase = from_file(&dir, two);
    cr_assert(eq(int, create(&dir, "two.key", passphrase, NULL), SIL_OK));
    sil_passphrase_free(passphrase);
    return dir;
}

Test(terminal, asks_without_echo_and_echoes_again, .timeout = 60)
{
    struct test_dir dir = keys_under("correct horse", "x");
    struct screen screen = screen_open(open_one, &dir);

    cr_assert(wait_for(&screen, "one.key: "));
    while (echoes(&screen)) {
        (void)usleep(1000);
    }
    type(&screen, "correct horse\n");
    int status = screen_end(&screen);

    cr_expect(ended_with(status, SIL_OK), "%s", screen.shown);
    cr_expect(eq(ptr, strstr(screen.shown, "horse"), NULL), "%s", screen.shown);
    cr_expect(ne(ptr, strstr(screen.shown, "Passphrase for "), NULL));
    cr_expect(echoes(&screen));
    test_dir_remove(&dir);
}

/* The terminal is waited for until it is silent: TCSAFLUSH drops what was typed before. */
static void answer(struct screen *screen, const char *question, const char *text)
{
    cr_assert(wait_for(screen, question), "%s", screen->shown);
    while (echoes(screen)) {
        (void)usleep(1000);
    }
    type(screen, text);
}

Test(terminal, asks_once_for_files_under_one_passphrase, .timeout = 60)
{
    struct test_dir dir = keys_under("same", "same");
    struct screen screen = screen_open(open_two, &dir);

    answer(&screen, "one.key: ", "same\n");
    int status = screen_end(&screen);

    cr_expect(ended_with(status, SIL_OK), "%s", screen.shown);
    cr_expect(eq(ptr, strstr(screen.shown, "two.key"), NULL), "%s", screen.shown);
    test_dir_remove(&dir);
}

Test(terminal, asks_again_where_the_known_one_does_not_open, .timeout = 60)
{
    struct test_dir dir = keys_under("this", "that");
    struct screen screen = screen_open(open_two, &dir);

    answer(&screen, "one.key: ", "this\n");
    answer(&screen, "two.key: ", "that\n");
    int status = screen_end(&screen);

    cr_expect(ended_with(status, SIL_OK), "%s", screen.shown);
    test_dir_remove(&dir);
}

static const struct typed_case {
    const char *name;
    const char *first;
    const char *second; ///< NULL: it is not asked for
    int status;
    const char *says;
} TYPED[] = {
    {"twice the same",   "word\n", "word\n", SIL_OK,        ""             },
    {"two that differ",  "word\n", "ward\n", SIL_ERR_INPUT, "differ"       },
    {"nothing",          "\n",     NULL,     SIL_ERR_INPUT, "no passphrase"},
    {"the end of input", "\x04",   NULL,     SIL_ERR_INPUT, "no passphrase"},
};

Test(terminal, asks_twice_for_a_new_one, .timeout = 60)
{
    for (size_t i = 0; i < sizeof TYPED / sizeof TYPED[0]; i++) {
        struct test_dir dir = test_dir_new();
        struct screen screen = screen_open(make_new, &dir);

        answer(&screen, "new.key: ", TYPED[i].first);
        if (TYPED[i].second != NULL) {
            answer(&screen, "Once more: ", TYPED[i].second);
        }
        int status = screen_end(&screen);

        cr_expect(ended_with(status, TYPED[i].status), "%s: %s", TYPED[i].name,
                  screen.shown);
        cr_expect(ne(ptr, strstr(screen.shown, TYPED[i].says), NULL), "%s: %s",
                  TYPED[i].name, screen.shown);
        cr_expect(eq(int, access(test_dir_path(&dir, "new.key").text, F_OK) == 0,
                     TYPED[i].status == SIL_OK));
        test_dir_remove(&dir);
    }
}

Test(terminal, echoes_again_when_a_signal_ends_the_program, .timeout = 60)
{
    static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++) {
        struct test_dir dir = keys_under("word", "word");
        struct screen screen = screen_open(open_one, &dir);
        int status = 0;
        cr_assert(wait_for(&screen, "one.key: "));
        while (echoes(&screen)) {
            (void)usleep(1000);
        }

        cr_assert(zero(int, kill(screen.child, SIGNALS[i])));
        cr_assert(eq(int, waitpid(screen.child, &status, 0), screen.child));

        cr_expect(eq(int, WTERMSIG(status), SIGNALS[i]));
        cr_expect(echoes(&screen));
        test_dir_remove(&dir);
    }
}

/* A program that is held up while it writes its question. */
static int open_one_on_a_stopped_terminal(const struct test_dir *dir)
{
    cr_assert(zero(int, tcflow(STDOUT_FILENO, TCOOFF)));
    return open_one(dir);
}

/* Has the program a handler of its own for the signal? */
static bool catches(pid_t program, int signal)
{
    char path[64];
    char line[256];
    unsigned long long set = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)program);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "SigCgt:", 7) == 0) {
            set = strtoull(line + 7, NULL, 16);
        }
    }
    if (status != NULL) {
        (void)fclose(status);
    }
    return (set >> (signal - 1) & 1) != 0;
}

Test(terminal, ends_when_a_signal_comes_before_the_wait_for_a_key, .timeout = 60)
{
    struct test_dir dir = keys_under("word", "word");
    struct screen screen = screen_open(open_one_on_a_stopped_terminal, &dir);
    int status = 0;
    while (!catches(screen.child, SIGTERM)) {
        (void)usleep(1000);
    }
    int slave = open(ptsname(screen.master), O_RDWR | O_NOCTTY);

    cr_assert(zero(int, kill(screen.child, SIGTERM)));
    cr_assert(zero(int, tcflow(slave, TCOON)));
    cr_assert(eq(int, waitpid(screen.child, &status, 0), screen.child));

    cr_expect(eq(int, WTERMSIG(status), SIGTERM));
    cr_expect(echoes(&screen));
    (void)close(slave);
    test_dir_remove(&dir);
}

/* A shell with one job, which says when the job was stopped and sets it going again. (The
 * kernel does not stop a program that has no shell to wake it.) */
static int run_as_job(const struct test_dir *dir)
{
    int status = 0;
    (void)signal(SIGTTOU, SIG_IGN);
    pid_t job = fork();
    if (job == 0) {
        (void)setpgid(0, 0);
        (void)tcsetpgrp(STDIN_FILENO, getpid());
        (void)signal(SIGTTOU, SIG_DFL);
        _exit(open_one(dir));
    }
    (void)waitpid(job, &status, WUNTRACED);
    if (WIFSTOPPED(status)) {
        (void)dprintf(STDOUT_FILENO, "stopped\n");
        (void)kill(job, SIGCONT);
        (void)waitpid(job, &status, 0);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

Test(terminal, echoes_while_it_is_stopped_and_asks_again, .timeout = 60)
{
    struct test_dir dir = keys_under("word", "word");
    struct screen screen = screen_open(run_as_job, &dir);
    cr_assert(wait_for(&screen, "one.key: "));
    while (echoes(&screen)) {
        (void)usleep(1000);
    }

    type(&screen, "\x1a"); /* Ctrl-Z */
    cr_assert(wait_for(&screen, "stopped"));
    answer(&screen, "one.key: ", "word\n");
    int status = screen_end(&screen);

    cr_expect(ended_with(status, SIL_OK), "%s", screen.shown);
    test_dir_remove(&dir);
}

Test(terminal, that_is_not_there_is_said_to_be_missing, .timeout = 60)
{
    struct test_dir dir = keys_under("word", "word");
    int status = 0;
    int ends[2];
    char text[1024] = "";
    cr_assert(zero(int, pipe(ends)));
    pid_t child = fork();
    if (child == 0) {
        (void)setsid(); /* no controlling terminal */
        (void)dup2(ends[1], STDOUT_FILENO);
        _exit(open_one(&dir));
    }
    close(ends[1]);

    cr_assert(eq(int, waitpid(child, &status, 0), child));

    cr_expect(gt(i64, read(ends[0], text, sizeof text - 1), 0));
    cr_expect(ended_with(status, SIL_ERR_INPUT));
    cr_expect(ne(ptr, strstr(text, "no terminal"), NULL), "%s", text);
    cr_expect(ne(ptr, strstr(text, "--passphrase-file"), NULL), "%s", text);
    close(ends[0]);
    test_dir_remove(&dir);
}
