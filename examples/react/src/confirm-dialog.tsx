import { type ComponentPropsWithoutRef, type RefObject, useEffect, useRef } from 'react';
import { createPortal } from 'react-dom';

interface DialogProps extends Omit<ComponentPropsWithoutRef<'dialog'>, 'onClose'> {
  readonly ref: RefObject<HTMLDialogElement | null>;
  /** With what it was closed; empty when a person thought better of it. */
  readonly onClose: (answer: string) => void;
}

/** A dialog over the whole page, whatever is shown of the place that it belongs to. Closing it gives the focus back. */
export function ModalDialog({ ref, onClose, ...rest }: DialogProps) {
  useEffect(() => {
    if (!ref.current?.open) ref.current?.showModal();
  }, [ref]);
  return createPortal(
    <dialog ref={ref} {...rest} onClose={({ currentTarget }) => onClose(currentTarget.returnValue)} />,
    document.body,
  );
}

interface ConfirmDialogProps {
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly onAnswer: (isSure: boolean) => void;
}

/** A question before something is deleted. */
export function ConfirmDialog({ name, title, help, onAnswer }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <ModalDialog
      ref={dialog}
      className="dialog confirm"
      data-testid={`${name}-dialog`}
      aria-labelledby={`${name}-title`}
      aria-describedby={`${name}-help`}
      onClose={(answer) => onAnswer(answer === 'confirm')}
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
    </ModalDialog>
  );
}
