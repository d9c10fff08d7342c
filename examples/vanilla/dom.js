// @ts-check

/**
 * The element with this id, which the page is known to have.
 *
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  return only(document, `#${CSS.escape(id)}`, type);
}

/**
 * The element in `root` that matches.
 *
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
export function only(root, selector, type) {
  const element = root.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`unable to start; the page has no ${type.name} that matches ${selector}`);
}

/**
 * Says whose face the avatar elements in `root` show; `null` for nobody's.
 *
 * @param {ParentNode} root
 * @param {string} selector
 * @param {string | null} userId
 */
export function showFace(root, selector, userId) {
  for (const element of root.querySelectorAll(selector)) {
    if (userId === null) element.removeAttribute('user-id');
    else element.setAttribute('user-id', userId);
  }
}

/**
 * A fresh copy of a template's content.
 *
 * @param {string} id
 */
export function copyTemplate(id) {
  return document.importNode(byId(id, HTMLTemplateElement).content, true);
}
