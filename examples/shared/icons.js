// @ts-check

/** The lines of each icon, in a square of 24. */
export const icons = {
  back: 'M15 5l-7 7 7 7',
  down: 'M12 5v13M6 12l6 6 6-6',
  send: 'M12 19V6M6 11l6-6 6 6',
  trash: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12',
};
/** @typedef {keyof typeof icons} IconName */
