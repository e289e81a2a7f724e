/** Text of a program or a document; `editor.js` colours it where it knows the language. */
export function CodeBlock({ text, language, label }: { text: string; language: string; label: string }) {
  return (
    <pre
      class="code-block"
      tabindex={0}
      role="group"
      aria-label={label}
      data-language={language === "" ? undefined : language}
    >
      <code>{text}</code>
    </pre>
  );
}
