/** The end of a form whose changes are seen before they are saved. */
export const PreviewActions = ({ cancel }: { cancel: string }) => (
  <>
    <div class="actions">
      <button type="submit" class="button primary" name="action" value="preview">
        See the changes
      </button>
      <a class="button" href={cancel}>
        Cancel
      </a>
    </div>
    <p class="hint">Nothing is saved before you have seen what changes.</p>
  </>
);
