/** The number of Unicode code points, in which the vendors count lengths. */
export const codePoints = (text: string): number => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};
