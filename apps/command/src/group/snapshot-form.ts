import type { Position } from '@cohort/contracts';
import { jsonText, type Json, type StoredEvent } from '@cohort/event-store';
import {
  FORM_1_VERSIONS,
  fromForm1,
  MAX_PART_BYTES,
  type Form1Part,
  type GroupState,
  type PackedPart,
  type Packing,
  type SliceVersions,
  type SLICES,
} from '@cohort/group';
import type { RememberedCommand } from '../mailbox/command-memory';

/** How snapshots are stored: chunks, then a manifest that describes them. */

/** Raised when the form of manifest or commands changes: a build ignores a snapshot of a form that it doesn't know. */
export const SNAPSHOT_FORMAT = 2;

export const CHUNK = 'snapshotChunk';
export const MANIFEST = 'snapshotManifest';

/** The fields that every form of a manifest has. */
export interface SnapshotManifest {
  /** Revision of the newest event in the snapshot, and its id, position and time. */
  readonly revision: number;
  readonly eventId: string;
  readonly position: Position;
  readonly lastAt: number;
  /** Event time of the newest command forgotten; null when none was. */
  readonly forgottenUntil: number | null;
  /** Revision of the first chunk in the snapshots' stream, and how many there are. */
  readonly firstChunk: number;
  readonly chunks: number;
  readonly bytes: number;
  /** SHA-256 over the chunks' JSON. */
  readonly hash: string;
}
export interface Manifest extends SnapshotManifest {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly slices: SliceVersions;
}
/** The first form: one version for the whole state, which had other parts. */
interface ManifestOfForm1 extends SnapshotManifest {
  readonly format: 1;
  readonly stateVersion: number;
}

interface CommandsPart {
  readonly kind: 'commands';
  readonly commands: readonly (readonly [string, RememberedCommand])[];
}
type Chunk = PackedPart | Form1Part | CommandsPart;

export type GroupPacking = Packing<typeof SLICES>;

/** The versions of slices that a snapshot was written with; undefined for a form that this build doesn't know. */
function versionsOf(manifest: Manifest | ManifestOfForm1): SliceVersions | undefined {
  switch (manifest.format) {
    case SNAPSHOT_FORMAT:
      return manifest.slices;
    case 1:
      return manifest.stateVersion === 1 ? FORM_1_VERSIONS : undefined;
    default:
      return undefined;
  }
}

/** The manifest in a stored event, if this build can use its snapshot. */
export function usableManifest({ data }: StoredEvent, packing: GroupPacking): SnapshotManifest | undefined {
  const manifest = data as Manifest | ManifestOfForm1;
  const versions = versionsOf(manifest);
  return versions && packing.canUnpack(versions) ? manifest : undefined;
}

/** The chunks of a new snapshot as JSON, each made when it is asked for. */
export function* chunksOf(
  state: GroupState,
  commands: readonly [string, RememberedCommand][],
  packing: GroupPacking,
): Generator<Json> {
  for (const part of packing.pack(state)) yield jsonText(part);
  const partOf = (of: readonly string[]) => jsonText(`{"kind":"commands","commands":[${of.join()}]}`);
  let part: string[] = [];
  let bytes = 0;
  for (const command of commands) {
    const json = JSON.stringify(command);
    const size = Buffer.byteLength(json) + 1;
    if (part.length > 0 && bytes + size > MAX_PART_BYTES) {
      yield partOf(part);
      part = [];
      bytes = 0;
    }
    part.push(json);
    bytes += size;
  }
  if (part.length > 0) yield partOf(part);
}

/** The chunk in a stored event. */
export function chunkOf({ type, data }: StoredEvent): PackedPart | CommandsPart {
  if (type !== CHUNK) throw new Error(`a ${type} stands where a chunk should`);
  const chunk = data as Chunk;
  return chunk.kind === 'head' || chunk.kind === 'members' ? fromForm1(chunk) : chunk;
}
