/** What every page may use; each part looks for its own markup and leaves a page without it alone. */
import "./suggest.js";
import { guardUnsavedChanges } from "./unsaved.js";
import { focusErrorSummary } from "./errors.js";
import { offerNearMe } from "./near.js";
import { saveByItself } from "./autosave.js";
import { offerCopying } from "./copying.js";
import { offerShortList } from "./short-list.js";

focusErrorSummary(document);
guardUnsavedChanges(document);
offerNearMe(document);
saveByItself(document);
offerCopying(document);
offerShortList(document);
