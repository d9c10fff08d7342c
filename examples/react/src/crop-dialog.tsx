import { useEffect, useRef, useState } from 'react';
import type { CropRect, PictureInfo } from 'visavis';
import {
  fullFrame,
  pictureStyle,
  rectOf,
  sliderOf,
  zoomedIn,
  zoomedOut,
  zoomedToSlider,
} from '../../shared/crop-frame.js';
import { watchGestures } from '../../shared/crop-gestures.js';
import { ModalDialog } from './confirm-dialog.tsx';

interface CropDialogProps {
  readonly file: Blob;
  readonly info: PictureInfo;
  readonly onCrop: (part?: CropRect) => void;
  readonly onCancel: () => void;
}

/** Lets a person choose the part of a picture that everyone will see. */
export function CropDialog({ file, info, onCrop, onCancel }: CropDialogProps) {
  const [frame, setFrame] = useState(() => fullFrame(info));
  const [url, setUrl] = useState<string>();
  const dialog = useRef<HTMLDialogElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const hole = useRef<HTMLSpanElement>(null);

  useEffect(() => {
    const own = URL.createObjectURL(file);
    setUrl(own);
    return () => URL.revokeObjectURL(own);
  }, [file]);
  useEffect(() => {
    if (!stage.current || !hole.current) return;
    const life = new AbortController();
    watchGestures(stage.current, { hole: hole.current, signal: life.signal, onChange: setFrame });
    stage.current.focus();
    return () => life.abort();
  }, []);

  const style = pictureStyle(frame);
  const { value, text, isFixed, isLeast, isMost } = sliderOf(frame);
  return (
    <ModalDialog
      ref={dialog}
      className="dialog crop"
      data-testid="crop-dialog"
      aria-labelledby="crop-title"
      onClose={(answer) => (answer === 'confirm' ? onCrop(rectOf(frame)) : onCancel())}
    >
      <h2 id="crop-title">Frame your picture</h2>
      <div
        ref={stage}
        className="crop-stage"
        data-testid="crop-stage"
        role="application"
        aria-label="Picture in a round frame"
        aria-describedby="crop-help"
      >
        <span ref={hole} className="crop-frame">
          {/* What the page cannot show, the encoder cannot read either, and it says why. */}
          <img
            data-testid="crop-image"
            src={url}
            style={style}
            alt=""
            draggable={false}
            onError={() => onCrop()}
          />
        </span>
      </div>
      <p className="crop-help" id="crop-help">
        <span className="for-fingers">Drag to move, pinch to zoom.</span>
        <span className="for-keys">Drag or use the arrow keys to move, scroll or press + and − to zoom.</span>
      </p>
      <div className="crop-tools">
        <div className="zoom">
          <label className="unseen" htmlFor="crop-zoom">
            Zoom
          </label>
          <button
            type="button"
            className="button is-round"
            aria-label="Zoom out"
            disabled={isLeast}
            onClick={() => setFrame(zoomedOut)}
          >
            −
          </button>
          <input
            type="range"
            id="crop-zoom"
            data-testid="crop-zoom"
            min={0}
            max={1}
            step={0.01}
            value={value}
            aria-valuetext={text}
            disabled={isFixed}
            onChange={({ target }) => setFrame(zoomedToSlider(frame, Number(target.value)))}
          />
          <button
            type="button"
            className="button is-round"
            aria-label="Zoom in"
            disabled={isMost}
            onClick={() => setFrame(zoomedIn)}
          >
            +
          </button>
        </div>
        <div className="crop-samples" aria-hidden="true">
          {['is-large', '', 'is-small'].map((size) => (
            <span key={size} className={`crop-sample ${size}`}>
              <img src={url} style={style} alt="" />
            </span>
          ))}
        </div>
      </div>
      <div className="dialog-actions">
        <button
          type="button"
          className="button"
          data-testid="crop-cancel"
          onClick={() => dialog.current?.close()}
        >
          Cancel
        </button>
        <button
          type="button"
          className="button is-primary"
          data-testid="crop-confirm"
          onClick={() => dialog.current?.close('confirm')}
        >
          Use this picture
        </button>
      </div>
    </ModalDialog>
  );
}
