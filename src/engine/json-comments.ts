// Line and block comments outside of strings are taken out, line ends stay: Postman's editor allows them in JSON.
export function withoutComments(json: string): string {
  if (!json.includes("//") && !json.includes("/*")) return json;
  return json.replace(
    // A string, a comment to the end of its line, or a block; what is not closed goes on to the end.
    /"(?:\\[\s\S]|[^"\\])*(?:"|$)|\/\/.*|\/\*[\s\S]*?(?:\*\/|$)/g,
    (piece) => (piece.startsWith('"') ? piece : ""),
  );
}
