import { onLive, type Deciders } from '../decider';
import { removeFiles } from './removeFiles';
import { renameFile } from './renameFile';
import { shareFile } from './shareFile';

export const files = {
  shareFile: onLive(shareFile),
  renameFile: onLive(renameFile),
  removeFiles: onLive(removeFiles),
} satisfies Deciders;
