/** Something that the page cannot go on with, and a way to try again. */
export function Notice({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }) {
  return (
    <div className="notice" data-testid="notice" role="alert">
      <p>{text}</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
