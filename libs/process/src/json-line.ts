/**
 * The line at which a text stops being JSON, from 1. `JSON.parse` names a position for some faults only, so this looks for
 * the longest beginning of the text that could go on.
 */
export function faultyLine(text: string): number {
  let [good, bad] = [0, text.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (couldGoOn(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return text.slice(0, good).split('\n').length;
}

/** Whether a beginning of a text is all right: it only ends too early. */
function couldGoOn(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined ? message.includes('end of JSON') : Number(position) >= beginning.length;
  }
}
