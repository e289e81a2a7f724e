interface CodeBlockProps {
  text: string;
  language: string;
  label: string;
  /** With the numbers of its lines, for those who are told one. */
  isNumbered?: boolean;
}

/** Text of a program or a document; `editor.js` colours it where it knows the language. */
export function CodeBlock({ text, language, label, isNumbered = false }: CodeBlockProps) {
  return (
    <pre
      class={isNumbered ? "code-block numbered" : "code-block"}
      tabindex={0}
      role="group"
      aria-label={label}
      data-language={language === "" ? undefined : language}
    >
      {isNumbered && (
        <span class="line-numbers" aria-hidden="true">
          {numbersOf(text)}
        </span>
      )}
      <code>{text}</code>
    </pre>
  );
}

/** A number for each line, in a line each. */
const numbersOf = (text: string): string =>
  text
    .split(/\r\n|[\n\r]/)
    .map((_, index) => index + 1)
    .join("\n");
