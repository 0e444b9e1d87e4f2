// SPDX-License-Identifier: Apache-2.0
#include "tui/terminal/input.h"

#include <stddef.h>

enum {
    ESC = 0x1B,
    BEL = 0x07,
    DEL = 0x7F,
    PASTE_BEGINS = 200,
    PASTE_ENDS = 201,
    MODIFIED = 27, // CSI 27 ; modifiers ; character ~
    SHIFT = 1,
    CTRL = 4,
    LOCKS = 64 | 128, // Caps Lock and Num Lock, which change no key
    HOVER = 35,
    WHEEL = 64,
    NUMBER_MOST = 0x110000
};

typedef struct named {
    int32_t name;
    uint32_t key;
} named;

// Final letters of ESC [ and ESC O.
static const named letters[] = {
    {'A', TRM_KEY_UP},   {'B', TRM_KEY_DOWN}, {'C', TRM_KEY_RIGHT}, {'D', TRM_KEY_LEFT},
    {'H', TRM_KEY_HOME}, {'F', TRM_KEY_END},  {'P', TRM_KEY_F1},    {0, 0}};

// The number pad, where it does not send its characters.
static const named pad[] = {{'M', TRM_KEY_ENTER}, {'j', '*'}, {'k', '+'}, {'l', ','}, {'m', '-'},
                            {'n', '.'},           {'o', '/'}, {'p', '0'}, {'q', '1'}, {'r', '2'},
                            {'s', '3'},           {'t', '4'}, {'u', '5'}, {'v', '6'}, {'w', '7'},
                            {'x', '8'},           {'y', '9'}, {'X', '='}, {0, 0}};

// Numbers of ESC [ number ~.
static const named tildes[] = {
    {1, TRM_KEY_HOME},    {7, TRM_KEY_HOME},      {4, TRM_KEY_END}, {8, TRM_KEY_END},
    {5, TRM_KEY_PAGE_UP}, {6, TRM_KEY_PAGE_DOWN}, {11, TRM_KEY_F1}, {0, 0}};

static uint32_t find(const named *table, int32_t name) {
    for (; table->name != 0; table++)
        if (table->name == name)
            return table->key;
    return TRM_KEY_OTHER;
}

static uint32_t control(uint8_t byte) {
    switch (byte) {
    case 0:
        return TRM_KEY_OTHER;
    case '\r':
        return TRM_KEY_ENTER;
    case '\b':
    case DEL:
        return TRM_KEY_BACKSPACE;
    default:
        return byte;
    }
}

static uint32_t ground(trm_input *in, uint8_t byte) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    in->state = TRM_INPUT_GROUND;
    if (byte < 0x20 || byte == DEL)
        return control(byte);
    if (byte < 0x80)
        return byte;
    if (byte < 0xC2 || byte > 0xF4)
        return TRM_KEY_OTHER;
    in->missing = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
    in->least = least[in->missing];
    in->character = byte & (0x3Fu >> in->missing);
    in->state = TRM_INPUT_UTF8;
    return TRM_KEY_NONE;
}

static uint32_t utf8(trm_input *in, uint8_t byte) {
    if ((byte & 0xC0) != 0x80)
        return ground(in, byte); // what was begun is dropped
    in->character = in->character << 6 | (byte & 0x3Fu);
    if (--in->missing > 0)
        return TRM_KEY_NONE;
    in->state = TRM_INPUT_GROUND;
    const uint32_t ch = in->character;
    return ch < in->least || ch > 0x10FFFF || (ch >= 0xD800 && ch <= 0xDFFF) ? TRM_KEY_OTHER : ch;
}

static uint32_t escaped(trm_input *in, uint8_t byte) {
    in->mark = 0;
    in->count = 0;
    in->strange = false;
    for (int32_t i = 0; i < TRM_INPUT_NUMBERS; i++)
        in->numbers[i] = 0;
    switch (byte) {
    case ESC:
        in->alt = true;
        return TRM_KEY_NONE;
    case '[':
        in->state = TRM_INPUT_CSI;
        return TRM_KEY_NONE;
    case 'O':
        in->state = TRM_INPUT_SS3;
        return TRM_KEY_NONE;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        in->state = TRM_INPUT_STRING;
        return TRM_KEY_NONE;
    case TRM_KEY_TAB: // how the Linux console says Shift-Tab
        in->state = TRM_INPUT_GROUND;
        return TRM_KEY_SHIFT_TAB;
    default: // Alt and a key, or Esc and then a control key
        in->again = byte < 0x20 && byte != '\r' && byte != '\b';
        if (in->again)
            return trm_input_idle(in);
        in->alt = true;
        return ground(in, byte);
    }
}

// Shift, Alt, Ctrl and others, as the number after the key's gives them; locks are none.
static int32_t modifiers(const trm_input *in, int32_t at) {
    return in->numbers[at] > 0 ? (in->numbers[at] - 1) & ~LOCKS : 0;
}

// A key by its character, as terminals send it that tell all keys apart.
static uint32_t by_code(int32_t code, int32_t held) {
    if (held == CTRL && code >= 'a' && code <= 'z')
        return TRM_CTRL(code);
    if (held == SHIFT && code == TRM_KEY_TAB)
        return TRM_KEY_SHIFT_TAB;
    if (held != 0 || code <= 0 || code >= NUMBER_MOST || (code >= 0xE000 && code <= 0xF8FF))
        return TRM_KEY_OTHER;
    return code < 0x20 || code == DEL ? control((uint8_t)code) : (uint32_t)code;
}

static uint32_t tilde(trm_input *in) {
    const int32_t n = in->numbers[0];
    if (n == PASTE_BEGINS)
        in->pasting = true;
    if (n == PASTE_BEGINS || n == PASTE_ENDS)
        return TRM_KEY_NONE;
    if (n == MODIFIED)
        return by_code(in->numbers[2], modifiers(in, 1));
    return modifiers(in, 1) == 0 ? find(tildes, n) : (uint32_t)TRM_KEY_OTHER;
}

static uint32_t mouse(trm_input *in, int32_t button, int32_t column, int32_t row) {
    in->x = column - 1;
    in->y = row - 1;
    switch (button) {
    case 0:
        return TRM_KEY_MOUSE;
    case HOVER:
        return TRM_KEY_HOVER;
    case WHEEL:
        return TRM_KEY_WHEEL_UP;
    case WHEEL + 1:
        return TRM_KEY_WHEEL_DOWN;
    default:
        return TRM_KEY_OTHER;
    }
}

static uint32_t finish_csi(trm_input *in, uint8_t final) {
    if (in->mark == '<' && !in->strange && in->count == 2 && (final == 'M' || final == 'm'))
        return final == 'M' ? mouse(in, in->numbers[0], in->numbers[1], in->numbers[2])
                            : (uint32_t)TRM_KEY_NONE;
    if (in->mark != 0 || in->strange)
        return TRM_KEY_OTHER;
    switch (final) {
    case '~':
        return tilde(in);
    case 'u':
        return by_code(in->numbers[0], modifiers(in, 1));
    case 'Z':
        return TRM_KEY_SHIFT_TAB;
    default:
        return modifiers(in, 1) == 0 ? find(letters, final) : (uint32_t)TRM_KEY_OTHER;
    }
}

static uint32_t csi(trm_input *in, uint8_t byte) {
    const bool first = in->count == 0 && in->numbers[0] == 0 && in->mark == 0 && !in->strange;
    int32_t *number = in->count < TRM_INPUT_NUMBERS ? &in->numbers[in->count] : NULL;
    if (byte >= '0' && byte <= '9') {
        if (number != NULL && *number < NUMBER_MOST)
            *number = *number * 10 + byte - '0';
    } else if (byte == ';') {
        in->count += in->count < TRM_INPUT_NUMBERS;
    } else if (byte >= '<' && byte <= '?' && first) {
        in->mark = byte;
    } else if (byte >= 0x20 && byte < 0x40) {
        in->strange = true;
    } else if (first && byte == '[') {
        in->state = TRM_INPUT_CONSOLE;
    } else if (first && byte == 'M') {
        in->state = TRM_INPUT_MOUSE;
    } else {
        in->state = TRM_INPUT_GROUND;
        return byte < DEL ? finish_csi(in, byte) : (uint32_t)TRM_KEY_OTHER;
    }
    return TRM_KEY_NONE;
}

static uint32_t ss3(trm_input *in, uint8_t byte) {
    // Some terminals put the modifiers between.
    if (byte >= '0' && byte <= '9') {
        in->strange = true;
        return TRM_KEY_NONE;
    }
    in->state = TRM_INPUT_GROUND;
    if (in->strange)
        return TRM_KEY_OTHER;
    const uint32_t key = find(letters, byte);
    return key != TRM_KEY_OTHER ? key : find(pad, byte);
}

// Bytes of a mouse event as terminals sent it of old: button, column, row, each 32 more.
static uint32_t old_mouse(trm_input *in, uint8_t byte) {
    in->numbers[in->count++] = byte - 32;
    if (in->count < 3)
        return TRM_KEY_NONE;
    in->state = TRM_INPUT_GROUND;
    return mouse(in, in->numbers[0], in->numbers[1], in->numbers[2]);
}

static uint32_t string(trm_input *in, uint8_t byte) {
    if (byte == BEL || (in->state == TRM_INPUT_STRING_ESC && byte == '\\'))
        in->state = TRM_INPUT_GROUND;
    else
        in->state = byte == ESC ? TRM_INPUT_STRING_ESC : TRM_INPUT_STRING;
    return TRM_KEY_NONE;
}

static void drop(trm_input *in) {
    in->state = TRM_INPUT_GROUND;
    in->alt = false;
}

static uint32_t begin(trm_input *in, uint8_t byte) {
    drop(in);
    if (byte != ESC)
        return ground(in, byte);
    in->state = TRM_INPUT_ESC;
    return TRM_KEY_NONE;
}

static uint32_t take(trm_input *in, uint8_t byte) {
    const bool is_string = in->state == TRM_INPUT_STRING || in->state == TRM_INPUT_STRING_ESC;
    const bool is_esc = in->state == TRM_INPUT_ESC;
    // A control character ends what it falls into, and Ctrl-C is never lost.
    if (byte < 0x20 && in->state != TRM_INPUT_MOUSE && !is_esc &&
        !(is_string && (byte == BEL || byte == ESC)))
        return begin(in, byte);
    switch (in->state) {
    case TRM_INPUT_GROUND:
        return begin(in, byte);
    case TRM_INPUT_UTF8:
        return utf8(in, byte);
    case TRM_INPUT_ESC:
        return escaped(in, byte);
    case TRM_INPUT_CSI:
        return csi(in, byte);
    case TRM_INPUT_CONSOLE:
        in->state = TRM_INPUT_GROUND;
        return byte == 'A' ? TRM_KEY_F1 : TRM_KEY_OTHER;
    case TRM_INPUT_SS3:
        return ss3(in, byte);
    case TRM_INPUT_MOUSE:
        return old_mouse(in, byte);
    case TRM_INPUT_STRING:
    case TRM_INPUT_STRING_ESC:
        break;
    }
    return string(in, byte);
}

// Terminals take control characters out of what they paste: one that comes was typed, and the end
// of the paste is lost.
static bool ends_paste(const trm_input *in, uint8_t byte) {
    const bool of_text = byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r';
    return (!of_text && byte != ESC) ||
           (in->state == TRM_INPUT_CSI && byte == '~' && in->mark == 0 && !in->strange &&
            in->count == 0 && in->numbers[0] == PASTE_ENDS);
}

uint32_t trm_input_byte(trm_input *in, uint8_t byte, double now) {
    in->again = false;
    if (now - in->began > TRM_INPUT_PATIENCE)
        drop(in);
    if (now - in->began > TRM_INPUT_PASTE)
        in->pasting = false;
    in->began = now;
    if (in->pasting && byte != '~' && ends_paste(in, byte))
        in->pasting = false;
    const bool pasting = in->pasting;
    const bool of_text = in->state == TRM_INPUT_GROUND || in->state == TRM_INPUT_UTF8;
    if (pasting && ends_paste(in, byte))
        in->pasting = false;
    uint32_t key = take(in, byte);
    if (key != TRM_KEY_NONE && in->alt)
        key = TRM_KEY_OTHER;
    if (in->state == TRM_INPUT_GROUND)
        in->alt = false;
    if (!pasting || key == TRM_KEY_NONE)
        return key;
    return of_text && key < TRM_KEY_LEFT ? key | TRM_KEY_PASTED : (uint32_t)TRM_KEY_NONE;
}

bool trm_input_wonders(const trm_input *in) {
    return in->state == TRM_INPUT_ESC;
}

uint32_t trm_input_idle(trm_input *in) {
    const bool two = in->alt; // the second one is the next
    drop(in);
    in->pasting = false;
    if (two)
        in->state = TRM_INPUT_ESC;
    return TRM_KEY_ESC;
}
