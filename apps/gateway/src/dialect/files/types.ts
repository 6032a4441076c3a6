import { CohortError } from '@cohort/contracts';

interface ImageType {
  readonly type: string;
  /** How its bytes begin; undefined for any byte. */
  readonly begins: readonly (number | undefined)[];
}

const letters = (text: string): number[] => [...Buffer.from(text, 'latin1')];

/** Images that browsers show and that can't have scripts. */
const IMAGES: readonly ImageType[] = [
  { type: 'image/png', begins: [0x89, ...letters('PNG\r\n\x1a\n')] },
  { type: 'image/jpeg', begins: [0xff, 0xd8, 0xff] },
  { type: 'image/gif', begins: letters('GIF87a') },
  { type: 'image/gif', begins: letters('GIF89a') },
  { type: 'image/webp', begins: [...letters('RIFF'), ...Array<undefined>(4), ...letters('WEBP')] },
];
export const IMAGE_TYPES = [...new Set(IMAGES.map(({ type }) => type))];
const LONGEST = Math.max(...IMAGES.map(({ begins }) => begins.length));

/** The image type of bytes by their beginning; undefined for all others. */
export const imageType = (bytes: Uint8Array): string | undefined =>
  IMAGES.find(({ begins }) => begins.every((byte, i) => (byte === undefined ? i < bytes.length : byte === bytes[i])))
    ?.type;

const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/;
const ANY = 'application/octet-stream';

/** The media type that a caller declared, without parameters; of a malformed one, that of any bytes. */
export function mediaType(declared: string): string {
  const [type = ''] = declared.toLowerCase().split(';');
  return MEDIA_TYPE.test(type.trim()) ? type.trim() : ANY;
}

/** Types with which a browser runs nothing, whatever the bytes are. */
const INERT = /^(?:image\/(?!svg)|audio\/|video\/|font\/|text\/plain$|application\/(?:pdf|zip|json|octet-stream)$)/;

/** The media type with which stored bytes are sent. */
export const sentType = (stored: string): string => (INERT.test(stored) ? mediaType(stored) : ANY);

/** Bytes whose beginning was read; all of them can still be read, once. */
export interface Begun {
  /** The image type by the beginning. */
  readonly image: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Reads as many bytes as show the type of an image. */
export async function begun(bytes: AsyncIterable<Uint8Array>): Promise<Begun> {
  const rest = bytes[Symbol.asyncIterator]();
  let begin = Buffer.alloc(0);
  while (begin.length < LONGEST) {
    const next = await rest.next();
    if (next.done) break;
    begin = Buffer.concat([begin, next.value]);
  }
  return { image: imageType(begin), bytes: from(begin, rest) };
}

async function* from(begin: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield begin;
  yield* { [Symbol.asyncIterator]: () => rest };
}

const refused = (why: string): CohortError => new CohortError('FILE_TYPE_REFUSED', why);

/** Throws for a file that is declared as an image of a known type and isn't one. */
export function mustBeAsDeclared(declared: string, image: string | undefined): void {
  if (IMAGE_TYPES.includes(declared) && image !== declared) throw refused(`The file is no ${declared}.`);
}

/** Throws for a file that is no image that every browser shows. */
export function mustBeImage(image: string | undefined): asserts image is string {
  if (image === undefined) throw refused(`The file must be an image: ${IMAGE_TYPES.join(', ')}.`);
}
