import { notice, notifiesNobody, type Rules } from './rule';

export const files: Rules<'fileShared' | 'fileRenamed' | 'fileRemoved'> = {
  /** A new file and a new name concern every member alike: they see them in the feed. */
  fileShared: notifiesNobody,
  fileRenamed: notifiesNobody,

  fileRemoved: ({ files }) => {
    const uploaders = [...new Set(files.map(({ uploader }) => uploader))];
    return uploaders.flatMap((userId) => {
      const fileIds = files.filter(({ uploader }) => uploader === userId).map(({ fileId }) => fileId);
      return notice('fileRemoved', [userId], { fileIds });
    });
  },
};
