/* manual: makes the man page and the completions from the tables of verbs and flags, so
 * that these have one home.
 *
 * usage: manual man TEMPLATE | manual bash | manual zsh      on standard output
 *
 * In TEMPLATE the lines @COMMANDS@ and @FLAGS@ are filled in.
 */
#include "runner/command/verb.h"

#include <stdio.h>
#include <string.h>

/* ---- flags ---- */

/* The values a flag takes are spelt out: "auto|always|never". */
static bool has_choices(const Flag *flag) {
    return flag->value && strchr(flag->value, '|');
}

static bool is_kind(const Flag *flag, const char *kind) {
    return flag->value && strcmp(flag->value, kind) == 0;
}

static void put_replaced(const char *text, char from, const char *to) {
    for (; *text; text++)
        if (*text == from)
            fputs(to, stdout);
        else
            putchar(*text);
}

/* ---- the man page ---- */

/* What troff would take for its own is escaped. */
static void put_roff(const char *text) {
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\'')) fputs("\\&", stdout);
        if (*text == '-' || *text == '\\')
            fputs(*text == '-' ? "\\-" : "\\e", stdout);
        else
            putchar(*text);
        start = *text == '\n';
    }
}

/* An empty line begins a paragraph; one that is indented stands as it is. */
static void put_details(const char *text) {
    while (*text) {
        size_t n = strcspn(text, "\n");
        char line[200];
        snprintf(line, sizeof line, "%.*s", (int)n, text);
        if (n == 0) {
            puts(".IP");
        } else {
            if (*line == ' ') puts(".br");
            put_roff(line);
            putchar('\n');
        }
        text += n + (text[n] == '\n');
    }
}

static void put_commands(void) {
    for (size_t i = 0; verbs[i]; i++) {
        const Verb *verb = verbs[i];
        printf(".TP\n\\fBautocell %s\\fR \\fI%s\\fR\n", verb->name, verb->arguments);
        put_roff(verb->summary);
        puts(".");
        if (verb->details) {
            puts(".IP");
            put_details(verb->details);
        }
    }
}

static void put_flags(void) {
    for (size_t i = 0; i < n_flags; i++) {
        const Flag *flag = &flags[i];
        fputs(".TP\n\\fB", stdout);
        if (flag->letter) printf("\\-%c\\fR, \\fB", flag->letter);
        fputs("\\-\\-", stdout);
        put_roff(flag->name);
        fputs("\\fR", stdout);
        if (flag->value) {
            fputs(" \\fI", stdout);
            put_roff(flag->value);
            fputs("\\fR", stdout);
        }
        putchar('\n');
        put_roff(flag->help);
        fputs(" (", stdout);
        put_replaced(flag->verbs, ' ', ", ");
        puts(")");
    }
}

static int put_man(const char *path) {
    char line[400];
    FILE *template = fopen(path, "r");
    if (!template) return 1;
    while (fgets(line, sizeof line, template)) {
        if (strcmp(line, "@COMMANDS@\n") == 0)
            put_commands();
        else if (strcmp(line, "@FLAGS@\n") == 0)
            put_flags();
        else
            fputs(line, stdout);
    }
    return fclose(template) != 0;
}

/* ---- bash ---- */

static void put_bash_value(const Flag *flag) {
    if (has_choices(flag)) {
        fputs("COMPREPLY=($(compgen -W '", stdout);
        put_replaced(flag->value, '|', " ");
        fputs("' -- \"$word\"))", stdout);
    } else if (is_kind(flag, "DIR")) {
        fputs("COMPREPLY=($(compgen -d -- \"$word\"))", stdout);
    } else if (is_kind(flag, "FILE")) {
        fputs("COMPREPLY=($(compgen -f -- \"$word\"))", stdout);
    } else {
        fputs("COMPREPLY=()", stdout);
    }
}

/* The value of a flag, for the verbs that know it. */
static void put_bash_values(void) {
    for (size_t i = 0; i < n_flags; i++) {
        const Flag *flag = &flags[i];
        if (!flag->value) continue;
        fputs("    ", stdout);
        for (size_t k = 0; verbs[k]; k++)
            if (flag_has_verb(flag, verbs[k]->name)) {
                printf("%s:--%s | ", verbs[k]->name, flag->name);
                if (flag->letter) printf("%s:-%c | ", verbs[k]->name, flag->letter);
            }
        fputs("none)\n        ", stdout);
        put_bash_value(flag);
        fputs("\n        return ;;\n", stdout);
    }
}

static void put_bash_flags(const Verb *verb) {
    printf("    %s) words='", verb->name);
    for (size_t i = 0; i < n_flags; i++) {
        if (!flag_has_verb(&flags[i], verb->name)) continue;
        printf(" --%s", flags[i].name);
        if (flags[i].letter) printf(" -%c", flags[i].letter);
    }
    puts("' ;;");
}

static void put_verb_names(void) {
    for (size_t i = 0; verbs[i]; i++) printf("%s%s", i ? " " : "", verbs[i]->name);
}

static int put_bash(void) {
    puts("# bash completion for autocell; made from its tables of commands and flags.\n"
         "_autocell() {\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - "
         "1]}\n"
         "    local verb=${COMP_WORDS[1]} words=\n"
         "    if [ \"$COMP_CWORD\" -eq 1 ]; then");
    fputs("        COMPREPLY=($(compgen -W '", stdout);
    put_verb_names();
    puts(" --version --help' -- \"$word\"))\n"
         "        return\n"
         "    fi\n"
         "    case $verb:$before in");
    put_bash_values();
    puts("    esac\n"
         "    case $verb in");
    for (size_t i = 0; verbs[i]; i++) put_bash_flags(verbs[i]);
    puts("    esac\n"
         "    case $verb:$word in\n"
         "    *:-*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;");
    fputs("    help:*) COMPREPLY=($(compgen -W '", stdout);
    put_verb_names();
    puts("' -- \"$word\")) ;;\n"
         "    init:*) COMPREPLY=($(compgen -d -- \"$word\")) ;;\n"
         "    run:* | update:* | list:*)\n"
         "        COMPREPLY=($(compgen -d -- \"$word\") $(compgen -f -X '!*.yaml' --"
         " \"$word\")) ;;\n"
         "    esac\n"
         "}\n"
         "complete -o filenames -F _autocell autocell");
    return 0;
}

/* ---- zsh ---- */

/* Inside '...[here]...': brackets, colons and quotes mean something else. */
static void put_zsh_text(const char *text) {
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (strchr("[]:\\", *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void put_zsh_value(const Flag *flag) {
    if (!flag->value) return;
    if (has_choices(flag)) {
        fputs(":value:(", stdout);
        put_replaced(flag->value, '|', " ");
        fputs(")", stdout);
    } else {
        printf(":%s:%s", flag->value,
               is_kind(flag, "DIR")    ? "_files -/"
               : is_kind(flag, "FILE") ? "_files"
                                       : "");
    }
}

static void put_zsh_flag(const Flag *flag) {
    fputs("            ", stdout);
    if (flag->letter)
        printf("'(-%c --%s)'{-%c,--%s}'[", flag->letter, flag->name, flag->letter,
               flag->name);
    else
        printf("'--%s[", flag->name);
    put_zsh_text(flag->help);
    putchar(']');
    put_zsh_value(flag);
    puts("' \\");
}

static const char *zsh_operands(const Verb *verb) {
    if (strstr(verb->arguments, "PATH")) return "'*:path:_files'";
    if (strstr(verb->arguments, "DIR")) return "':directory:_files -/'";
    if (strstr(verb->arguments, "COMMAND")) return "':command:($commands)'";
    return "'*::'";
}

static int put_zsh(void) {
    puts("#compdef autocell\n"
         "# zsh completion for autocell; made from its tables of commands and flags.\n"
         "_autocell() {\n"
         "    local -a described commands");
    fputs("    commands=(", stdout);
    put_verb_names();
    puts(")\n    described=(");
    for (size_t i = 0; verbs[i]; i++) {
        printf("        '%s:", verbs[i]->name);
        put_zsh_text(verbs[i]->summary);
        puts("'");
    }
    puts("    )\n"
         "    if ((CURRENT == 2)); then\n"
         "        _describe command described\n"
         "        return\n"
         "    fi\n"
         "    local verb=$words[2]\n"
         "    shift words\n"
         "    ((CURRENT--))\n"
         "    case $verb in");
    for (size_t i = 0; verbs[i]; i++) {
        printf("    %s)\n        _arguments -s \\\n", verbs[i]->name);
        for (size_t k = 0; k < n_flags; k++)
            if (flag_has_verb(&flags[k], verbs[i]->name)) put_zsh_flag(&flags[k]);
        printf("            %s ;;\n", zsh_operands(verbs[i]));
    }
    puts("    esac\n"
         "}\n"
         "_autocell \"$@\"");
    return 0;
}

int main(int argc, char **argv) {
    int error = 2;
    if (argc == 3 && strcmp(argv[1], "man") == 0) error = put_man(argv[2]);
    if (argc == 2 && strcmp(argv[1], "bash") == 0) error = put_bash();
    if (argc == 2 && strcmp(argv[1], "zsh") == 0) error = put_zsh();
    if (error) fputs("usage: manual man TEMPLATE | manual bash | manual zsh\n", stderr);
    return fflush(stdout) ? 1 : error;
}
