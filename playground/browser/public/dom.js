/**
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @returns {E}
 */
export function byId(id) {
  return /** @type {E} */ (document.getElementById(id));
}

/**
 * @template {Element} [E=HTMLElement]
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {E}
 */
export function find(parent, selector) {
  return /** @type {E} */ (parent.querySelector(selector));
}

/**
 * Changes the text only if it differs, to avoid needless layout and screen reader output.
 *
 * @param {HTMLElement} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** @param {number} at */
export function clockTime(at) {
  return new Date(at).toLocaleTimeString('en-GB');
}
