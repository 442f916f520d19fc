/** The schema of `deployment.yaml`: one file a section; its output is the normalised `Spec`. */
import type { z } from 'zod';
import { app } from './app';
import { build } from './build';
import { environments } from './environment';
import { section } from './kinds';
import { notify } from './notify';
import { source } from './source';
import type { Spec } from './spec';
import { tests } from './tests';

export const specSchema = section({ app, source, build, tests, environments, notify }) satisfies z.ZodType<Spec>;
