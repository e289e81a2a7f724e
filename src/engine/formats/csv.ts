/**
 * CSV as Postman reads data files: the first row names the columns; quotes may hold commas, line ends and doubled
 * quotes; white space around a field does not count; rows may be shorter or longer than the header.
 */
export interface Field {
  text: string;
  isQuoted: boolean;
}

/** All rows, the header included; empty lines are left out. */
export function parseCsv(text: string): Field[][] {
  const parser = new Parser(text.replace(/^\uFEFF/, ""));
  return parser.rows();
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  rows(): Field[][] {
    const rows: Field[][] = [];
    while (this.#at < this.#text.length) {
      const row = this.#row();
      const isEmptyLine = row.length === 1 && row[0]?.text === "" && !row[0].isQuoted;
      if (!isEmptyLine) rows.push(row);
    }
    return rows;
  }

  #row(): Field[] {
    const fields = [this.#field()];
    while (this.#text[this.#at] === ",") {
      this.#at++;
      fields.push(this.#field());
    }
    // What ends a field other than a comma is a line end or the end of the text.
    if (this.#text[this.#at] === "\r" && this.#text[this.#at + 1] === "\n") this.#at++;
    this.#at++;
    return fields;
  }

  #field(): Field {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
    if (this.#text[this.#at] === '"') {
      const quoted = this.#quoted();
      if (quoted) return quoted;
    }
    const end = this.#endOfPlainField();
    const text = this.#text.slice(this.#at, end).trim();
    this.#at = end;
    return { text, isQuoted: false };
  }

  /** Undefined when the quote at the start is just a character: no closing one stands before a comma or line end. */
  #quoted(): Field | undefined {
    let text = "";
    let from = this.#at + 1;
    for (;;) {
      const quote = this.#text.indexOf('"', from);
      if (quote === -1) return undefined;
      text += this.#text.slice(from, quote);
      if (this.#text[quote + 1] === '"') {
        text += '"';
        from = quote + 2;
        continue;
      }
      let after = quote + 1;
      while (this.#text[after] === " " || this.#text[after] === "\t") after++;
      if (after < this.#text.length && !/[,\r\n]/.test(this.#text[after] ?? "")) return undefined;
      this.#at = after;
      return { text, isQuoted: true };
    }
  }

  #endOfPlainField(): number {
    endOfField.lastIndex = this.#at;
    return endOfField.exec(this.#text)?.index ?? this.#text.length;
  }
}

const endOfField = /[,\r\n]/g;
