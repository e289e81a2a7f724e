/** Colours for a terminal; without colours texts come back as they are. */
export interface Paint {
  dim: (text: string) => string;
  bold: (text: string) => string;
  red: (text: string) => string;
  green: (text: string) => string;
  yellow: (text: string) => string;
  cyan: (text: string) => string;
}

export function createPaint(isOn: boolean): Paint {
  const code = (open: number, close: number) => (text: string) =>
    isOn ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    dim: code(2, 22),
    bold: code(1, 22),
    red: code(31, 39),
    green: code(32, 39),
    yellow: code(33, 39),
    cyan: code(36, 39),
  };
}

export interface Glyphs {
  folder: string;
  root: string;
  sub: string;
  passed: string;
  failed: string;
  boxTop: string;
  boxSide: string;
  boxBottom: string;
}

export const unicodeGlyphs: Glyphs = {
  folder: "❏",
  root: "→",
  sub: "↳",
  passed: "✓",
  failed: "✕",
  boxTop: "┌",
  boxSide: "│",
  boxBottom: "└",
};

export const asciiGlyphs: Glyphs = {
  folder: "Folder:",
  root: ">",
  sub: "->",
  passed: "ok",
  failed: "FAILED",
  boxTop: "",
  boxSide: "|",
  boxBottom: "",
};
