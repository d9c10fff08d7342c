import { type KeyboardEvent, useRef, useState } from 'react';
import { useClient, useMessages, useTyping } from 'visavis/react';
import { checkDraft, drafts } from '../../shared/draft.js';
import { explainSend } from '../../shared/send-error-text.js';
import { Icon } from './icon.tsx';

/** Where one writes: Enter sends, Shift and Enter starts a new line. */
export function Composer({ id, onSend }: { readonly id: string; readonly onSend: () => void }) {
  const { userId } = useClient();
  const { send } = useMessages(id);
  const { keystroke, stop } = useTyping(id);
  const draftKey = `${userId}/${id}`;
  const [text, setText] = useState(drafts.get(draftKey) ?? '');
  const [error, setError] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  const { canSend, isOver, count } = checkDraft(text);

  function write(next: string) {
    drafts.set(draftKey, next);
    setText(next);
    setError('');
  }

  async function submit() {
    if (!canSend) return;
    write('');
    onSend();
    try {
      await send({ text: text.trim() });
    } catch (reason) {
      // Nothing was kept, so what was written comes back.
      if (drafts.get(draftKey) === '') write(text);
      setError(explainSend(reason));
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void submit();
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
        input.current?.focus();
      }}
    >
      <label className="unseen" htmlFor="composer">
        Message
      </label>
      <textarea
        ref={input}
        id="composer"
        data-testid="composer"
        rows={1}
        placeholder="Message"
        enterKeyHint="send"
        aria-describedby="composer-help composer-count"
        aria-invalid={isOver}
        dir="auto"
        value={text}
        onBlur={stop}
        onKeyDown={onKeyDown}
        onChange={({ target }) => {
          write(target.value);
          if (target.value.trim() === '') stop();
          else keystroke();
        }}
      />
      <button type="submit" className="send" data-testid="send" aria-label="Send" disabled={!canSend}>
        <Icon name="send" size={22} />
      </button>
      <p
        className={`composer-count ${isOver ? 'is-over' : ''}`}
        id="composer-count"
        data-testid="composer-count"
        role="status"
      >
        {count}
      </p>
      <p className="composer-error" data-testid="composer-error" role="alert">
        {error}
      </p>
      <p className="unseen" id="composer-help">
        Enter sends, Shift and Enter starts a new line.
      </p>
    </form>
  );
}
