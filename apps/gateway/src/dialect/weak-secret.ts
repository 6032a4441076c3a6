/** Fewest characters of a secret in production. Vendors issue secrets of 12 and more. */
const SHORTEST_SECRET = 12;
const FEWEST_DIFFERENT = 6;

/** Words of examples and of first guesses. What is left of a secret without them must be as long as a guess is hard. */
const WORDS =
  /pass(?:wor[dt])?|change|secret|example|placeholder|let.?me.?in|welcome|qwerty|admin|root|user|guest|test|demo|sample|default|production|rongcloud|cohort|your|app|key|token|here|this|me|it|my|[^a-z0-9]/gi;

/** Returns why a secret is too easily guessed for production; undefined if it isn't. The reason contains no part of it. */
export function whyWeak(secret: string): string | undefined {
  if (secret.length < SHORTEST_SECRET) return `must have at least ${SHORTEST_SECRET} characters`;
  const guessable =
    new Set(secret).size < FEWEST_DIFFERENT ||
    repeats(secret) ||
    isRun(secret) ||
    secret.replace(WORDS, '').length < SHORTEST_SECRET / 2;
  return guessable ? 'is too easily guessed: use random characters' : undefined;
}

/** Whether the text is a shorter one, twice or more. */
const repeats = (text: string): boolean => {
  const again = `${text}${text}`.indexOf(text, 1);
  return again <= text.length / 2;
};

/** Whether most characters follow the one before them: 123456..., abcdef..., aaaa... */
function isRun(text: string): boolean {
  let following = 0;
  for (let at = 1; at < text.length; at++) {
    if (Math.abs(text.charCodeAt(at) - text.charCodeAt(at - 1)) <= 1) following += 1;
  }
  return following > text.length / 2;
}
