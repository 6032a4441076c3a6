import type { GroupEvent, GroupView } from '@cohort/contracts';
import { ReadModel, type ReadModelSettings } from '../read-model';
import { applyAll, Log, openModel, scratch } from './log';

const app = 'demo';

/** A group of tenant `demo`. */
export const groupIn = (model: ReadModel, groupId = 'g'): GroupView => model.queries.group({ app, groupId });

/** The members of a group of tenant `demo` in the order they joined, as `ann owner`. */
export const rolesIn = (model: ReadModel, groupId = 'g'): string[] =>
  model.queries.members({ app, groupId, limit: 1_000 }).members.map(({ userId, role }) => `${userId} ${role}`);

/** Read models for the tests of one file, in a directory of their own. Each is closed after its test. */
export function testModels() {
  const { file, remove } = scratch();
  const models: ReadModel[] = [];
  let count = 0;
  afterEach(() => models.splice(0).forEach((model) => model.close()));
  afterAll(remove);

  const newModel = (settings: Partial<ReadModelSettings> = {}, name = `${count++}.db`): ReadModel => {
    const model = openModel(file(name), settings);
    models.push(model);
    return model;
  };
  /** A new model that has applied the whole log. */
  const modelOf = async (log: Log, settings: Partial<ReadModelSettings> = {}, name?: string): Promise<ReadModel> => {
    const model = newModel(settings, name);
    await applyAll(model, log);
    return model;
  };
  return {
    file,
    newModel,
    modelOf,
    /** A model of the group `g` with these events, each an append of its own. */
    modelAfter: (...events: GroupEvent[]): Promise<ReadModel> => {
      const log = new Log();
      for (const event of events) log.group('g', event);
      return modelOf(log);
    },
    /** Closes a model before its test ends, so that its file can be opened again. */
    close: (model: ReadModel): void => models.splice(models.indexOf(model), 1).forEach((each) => each.close()),
  };
}
