import { ReadModel, type ReadModelSettings } from '../read-model';
import { applyAll, openModel, scratch, type Log } from './log';

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
  return {
    file,
    newModel,
    /** A new model that has applied the whole log. */
    modelOf: async (log: Log, settings: Partial<ReadModelSettings> = {}, name?: string): Promise<ReadModel> => {
      const model = newModel(settings, name);
      await applyAll(model, log);
      return model;
    },
    /** Closes a model before its test ends, so that its file can be opened again. */
    close: (model: ReadModel): void => models.splice(models.indexOf(model), 1).forEach((each) => each.close()),
  };
}
