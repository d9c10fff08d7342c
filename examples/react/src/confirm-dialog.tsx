import { useEffect, useRef } from 'react';

/** Opens a dialog over the page when it is rendered. Closing it gives the focus back. */
export function useModal() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  return dialog;
}

interface ConfirmDialogProps {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly onAnswer: (isSure: boolean) => void;
}

/** A question before something is deleted. */
export function ConfirmDialog({ name, title, help, onAnswer }: ConfirmDialogProps) {
  const dialog = useModal();
  return (
    <dialog
      ref={dialog}
      className="dialog confirm"
      data-testid={`${name}-dialog`}
      aria-labelledby={`${name}-title`}
      aria-describedby={`${name}-help`}
      onClose={({ currentTarget }) => onAnswer(currentTarget.returnValue === 'confirm')}
    >
      <h2 id={`${name}-title`}>{title}</h2>
      <p id={`${name}-help`}>{help}</p>
      <div className="dialog-actions">
        <button
          type="button"
          className="button"
          data-testid={`${name}-cancel`}
          onClick={() => dialog.current?.close()}
        >
          Keep it
        </button>
        <button
          type="button"
          className="button is-danger"
          data-testid={`${name}-confirm`}
          onClick={() => dialog.current?.close('confirm')}
        >
          Delete
        </button>
      </div>
    </dialog>
  );
}
