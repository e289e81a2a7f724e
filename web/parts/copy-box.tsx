/** A text to take elsewhere; the button is the browser script's, selecting by hand works without. */
export function CopyBox({ id, text, label }: { id: string; text: string; label: string }) {
  return (
    <div class="copy-box">
      <code id={id} tabindex={0} role="textbox" aria-readonly="true" aria-label={label}>
        {text}
      </code>
      <button type="button" class="button" data-copy={id} aria-live="polite">
        Copy
      </button>
    </div>
  );
}
