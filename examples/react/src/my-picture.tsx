import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { Avatar, useAvatarUpload, useClient, useUser } from 'visavis/react';
import { doneMs, endText, isSuperseded } from '../../shared/upload-text.js';
import { acceptedTypes, takeFile, watchFiles } from '../../shared/watch-files.js';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { CropDialog } from './crop-dialog.tsx';
import { Tray } from './tray.tsx';

/** The signed-in person's own picture: see it, change it, delete it. */
export function MyPicture({ userId }: { readonly userId: string }) {
  const client = useClient();
  const me = useUser(userId);
  const upload = useAvatarUpload();
  const [note, setNote] = useState('');
  const [refusal, setRefusal] = useState<{ readonly error: unknown } | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [isDragging, setDragging] = useState(false);
  const change = useRef<HTMLButtonElement>(null);
  const input = useRef<HTMLInputElement>(null);

  function reset(text = '') {
    upload.cancel();
    setRefusal(null);
    setNote(text);
  }

  function pick(file: File | undefined) {
    if (!file) return;
    reset();
    upload.pick(file);
  }

  async function remove() {
    reset();
    change.current?.focus();
    try {
      await client.avatar.delete();
      setNote(endText.deleted);
    } catch (error) {
      setRefusal({ error });
    }
  }

  const onFile = useEffectEvent(pick);
  useEffect(() => {
    const life = new AbortController();
    watchFiles({
      signal: life.signal,
      onComing: () => client.avatar.warm(),
      onFile: (file) => onFile(file),
      onDrag: setDragging,
    });
    return () => life.abort();
  }, [client]);

  let end = note;
  if (upload.status === 'done') end = endText.saved;
  if (upload.status === 'failed' && isSuperseded(upload.error)) end = endText.superseded;
  const forget = useEffectEvent(reset);
  useEffect(() => {
    if (!end) return;
    const timer = setTimeout(() => forget(), doneMs);
    return () => clearTimeout(timer);
  }, [end]);

  const failure = refusal ?? (upload.status === 'failed' && !end ? upload : null);
  return (
    <section className="mine" id="my-picture" aria-labelledby="my-picture-title" tabIndex={-1}>
      <h2 id="my-picture-title">My picture</h2>
      <div className="portrait">
        <span className={`ring ${me.pending ? 'is-pending' : ''}`}>
          <Avatar className="face" data-testid="portrait" userId={userId} size={208} />
        </span>
      </div>
      <p className="mine-name">
        <bdi>{me.name || '\u00a0'}</bdi>
      </p>
      <div className="mine-actions">
        <button
          ref={change}
          type="button"
          className="button is-primary change"
          data-testid="change"
          onClick={() => {
            client.avatar.warm();
            input.current?.click();
          }}
        >
          {me.avatar ? 'Change picture' : 'Choose a picture'}
        </button>
        <button
          type="button"
          className="button"
          data-testid="delete"
          disabled={!me.avatar}
          onClick={() => setAsking(true)}
        >
          Delete
        </button>
        <input
          ref={input}
          type="file"
          data-testid="file-input"
          accept={acceptedTypes}
          aria-label="Picture file"
          hidden
          onChange={({ target }) => pick(takeFile(target))}
        />
      </div>
      <Tray
        progress={upload.status === 'working' ? upload.progress : null}
        failure={failure}
        end={end}
        onCancel={() => {
          change.current?.focus();
          reset(endText.stopped);
        }}
        onRetry={() => {
          change.current?.focus();
          if (refusal) void remove();
          else upload.retry();
        }}
        onDismiss={() => {
          change.current?.focus();
          reset();
        }}
      />
      {upload.status === 'cropping' && (
        <CropDialog file={upload.file} info={upload.info} onCrop={upload.crop} onCancel={upload.cancel} />
      )}
      {isAsking && (
        <ConfirmDialog
          name="delete"
          title="Delete your picture?"
          help="Everyone will see your initials instead."
          onAnswer={(isSure) => {
            setAsking(false);
            if (isSure) void remove();
          }}
        />
      )}
      {createPortal(
        <div className={`drop ${isDragging ? 'is-open' : ''}`} aria-hidden="true">
          <p>Drop it. You can frame it next.</p>
        </div>,
        document.body,
      )}
    </section>
  );
}
