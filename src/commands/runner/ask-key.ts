import { AppError } from "../../lib/errors.ts";

/** Asks for a secret on the terminal without showing what is typed. Throws `usage` when Ctrl+C is pressed. */
export function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed = "";
    const finish = (act: () => void) => {
      stdin.off("data", read);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      act();
    };
    const read = (chunk: Buffer) => {
      for (const character of chunk.toString("utf8")) {
        if (character === "\r" || character === "\n") return finish(() => resolve(typed.trim()));
        if (character === "\u0003")
          return finish(() => reject(new AppError("usage", "Nothing was entered.")));
        typed = character === "\u007f" ? typed.slice(0, -1) : typed + character;
      }
    };
    stdin.on("data", read);
  });
}
