# Prints FILE:LINE:CODE with comments taken out and strings and characters emptied, so
# that a search finds code only.

function strip(text,    out, c, two, i, n, quote) {
    n = length(text)
    out = ""
    for (i = 1; i <= n; i++) {
        c = substr(text, i, 1)
        two = substr(text, i, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; i++ }
        } else if (quote != "") {
            if (c == "\\") i++
            else if (c == quote) { out = out c; quote = "" }
        } else if (two == "/*") { in_comment = 1; i++ }
        else if (two == "//") break
        else {
            if (c == "\"" || c == "'") quote = c
            out = out c
        }
    }
    return out
}

FNR == 1 { in_comment = 0 }
{
    code = strip($0)
    if (code ~ /[^ \t]/) print FILENAME ":" FNR ":" code
}
