/** All recognisers of single errors, those that know most first. */
import { recogniseMistakes, recogniseModules, recogniseThrown } from './code';
import { recogniseDatabase } from './database';
import { recogniseFiles } from './files';
import { recogniseNetwork } from './network';
import { recogniseMemory } from './process';
import type { Recogniser } from './recogniser';
import { recogniseVariables } from './variables';

/** By code, or by the name of a variable: each error of a chain is asked, from the deepest up. */
export const SPECIFIC: readonly Recogniser[] = [
  recogniseMemory,
  recogniseModules,
  recogniseDatabase,
  recogniseNetwork,
  recogniseFiles,
  recogniseVariables,
];

/** By the class of the error and the place alone. */
export const GENERAL: readonly Recogniser[] = [recogniseMistakes, recogniseThrown];
