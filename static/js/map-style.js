// How the basemap is painted: Protomaps' layers in the colours, widths and letters that css/map.css names, light or
// dark, for the server's drawing too. The map that ships has no streets; an operator's own may have.
import {
  CenteredTextSymbolizer,
  CircleSymbolizer,
  GroupSymbolizer,
  LineLabelSymbolizer,
  LineSymbolizer,
  OffsetTextSymbolizer,
  PolygonSymbolizer,
} from "protomaps-leaflet";

const LINE = 2;
const POLYGON = 3;
const GREEN = ["park", "forest", "wood", "nature_reserve", "national_park", "protected_area", "golf_course", "cemetery"];
const LARGE = 200_000; // people; the same as in directory/basemap/labels.py
const TOWN_ROOM = 5; // pixels kept free around a town's name
const PLANE = "M0-7l1.2 1v3.8l5.8 3.4v1.5l-5.8-1.8v3.3l1.6 1.3v1l-2.8-.8-2.8.8v-1l1.6-1.3v-3.3l-5.8 1.8v-1.5l5.8-3.4v-3.8z"; // as in templates/macros/map.html

/** The layer's options for the colours, widths and letters that css/map.css names, as they are in force now. */
export function look() {
  const styles = getComputedStyle(document.documentElement);
  const value = (name) => styles.getPropertyValue(`--map-${name}`).trim();
  const fontFamily = getComputedStyle(document.body).fontFamily;
  const font = (name) => `${value(`${name}-weight`)} ${value(`${name}-size`)} ${fontFamily}`;
  return { backgroundColor: value("sea"), paintRules: painted(value), labelRules: written(value, font) };
}

const kind = (...wanted) => (_zoom, feature) => wanted.includes(feature.props.kind);
const [COUNTRY, STATE, COUNTY] = [2, 4, 6]; // OpenStreetMap's levels of borders
const level = (wanted) => (_zoom, feature) => Number(feature.props.kind_detail) === wanted;
const shape = (wanted, isWanted) => (zoom, feature) => feature.geomType === wanted && isWanted(zoom, feature);
const isInland = (_zoom, feature) => feature.props.kind !== "ocean";
const grows = (from, to, thin, thick) => (zoom) =>
  thin + (thick - thin) * Math.min(1, Math.max(0, (zoom - from) / (to - from)));

/** A width that holds at zoom 10 and doubles in so many steps. */
const widens = (width, steps) => (zoom) => width * 2 ** ((zoom - 10) / steps);

function painted(value) {
  const area = (name) => new PolygonSymbolizer({ fill: value(name) });
  const line = (name, width) => new LineSymbolizer({ color: value(name), width });
  const border = (name) => {
    const width = Number(value(`${name}-width`));
    return line(name, grows(4, 9, width / 2, width));
  };
  return [
    { dataLayer: "earth", symbolizer: area("land") },
    { dataLayer: "landcover", symbolizer: area("built-up"), filter: kind("urban_area") },
    { dataLayer: "landcover", symbolizer: area("dense"), filter: isDense },
    { dataLayer: "landuse", symbolizer: area("green"), filter: kind(...GREEN), minzoom: 9 },
    { dataLayer: "water", symbolizer: area("lake"), filter: shape(POLYGON, isInland) },
    { dataLayer: "water", symbolizer: area("sea"), filter: kind("ocean") },
    { dataLayer: "water", symbolizer: line("lake", grows(5, 11, 0.6, 2.5)), filter: shape(LINE, kind("river")) },
    { dataLayer: "buildings", symbolizer: area("county"), minzoom: 15 },
    { dataLayer: "boundaries", symbolizer: border("county"), filter: level(COUNTY), minzoom: 7 },
    ...streets(line, Number(value("road-width"))),
    { dataLayer: "boundaries", symbolizer: border("state"), filter: level(STATE) },
    { dataLayer: "boundaries", symbolizer: border("country"), filter: level(COUNTRY) },
  ];
}

/** Each road twice, the wider stroke first, so that it has an edge on light land and on dark. */
function streets(line, width) {
  const kinds = [
    { wanted: ["minor_road", "other"], minzoom: 12, grown: widens(width / 4, 1.7) },
    { wanted: ["major_road", "medium_road"], minzoom: 8, grown: widens(width * 0.6, 2) },
    { wanted: ["highway"], minzoom: 5, grown: widens(width, 2.6) },
  ];
  const stroke = (name, more) =>
    kinds.map(({ wanted, minzoom, grown }) => ({
      dataLayer: "roads",
      symbolizer: line(name, (zoom) => grown(zoom) + more),
      filter: kind(...wanted),
      minzoom,
    }));
  return [...stroke("road-edge", 1.4), ...stroke("road", 0)];
}

function written(value, font) {
  const halo = { stroke: value("halo"), width: 3 };
  const region = new CenteredTextSymbolizer({
    labelProps: ["name"],
    fill: value("region"),
    ...halo,
    font: font("region"),
    letterSpacing: 1.5,
    textTransform: "uppercase",
  });
  const street = (property) =>
    new LineLabelSymbolizer({ labelProps: [property], fill: value("name"), ...halo, font: font("small") });
  return [
    { dataLayer: "places", symbolizer: region, filter: kind("country"), maxzoom: 5 },
    { dataLayer: "places", symbolizer: region, filter: kind("region"), minzoom: 4, maxzoom: 7 },
    { dataLayer: "places", symbolizer: roomy(town(value, halo, font)), filter: isDue("locality"), sort: byPopulation },
    { dataLayer: "pois", symbolizer: airport(value, halo, font), filter: isDue("aerodrome"), minzoom: 8 },
    { dataLayer: "roads", symbolizer: street("ref"), filter: kind("highway"), minzoom: 8, maxzoom: 12 },
    { dataLayer: "roads", symbolizer: street("name"), filter: kind("highway", "major_road"), minzoom: 13 },
    { dataLayer: "roads", symbolizer: street("name"), filter: kind("minor_road"), minzoom: 15 },
  ];
}

function town(value, halo, font) {
  const isLarge = (feature) => Number(feature?.props.population) >= LARGE;
  const letters = (_zoom, feature) => font(isLarge(feature) ? "city" : "town");
  const text = { labelProps: ["name"], fill: value("name"), ...halo, font: letters, maxLineChars: 40 };
  return new GroupSymbolizer([
    new CircleSymbolizer({ radius: 2, fill: value("region"), stroke: value("halo"), width: 1 }),
    new OffsetTextSymbolizer({ ...text, offsetX: 5, offsetY: 3 }),
  ]);
}

/** A plane beside the code of an airport: "DEN". */
function airport(value, halo, font) {
  const plane = {
    place: (_layout, [[{ x, y }]]) => [
      { anchor: { x, y }, bboxes: [{ minX: x - 7, minY: y - 7, maxX: x + 7, maxY: y + 7 }], draw },
    ],
  };
  const draw = (context) => {
    context.globalAlpha = 1;
    context.fillStyle = value("airport");
    context.fill(new Path2D(PLANE));
  };
  const text = { labelProps: ["iata", "name"], fill: value("airport"), ...halo, font: font("small") };
  return new GroupSymbolizer([plane, new OffsetTextSymbolizer({ ...text, offsetX: 8, offsetY: 4 })]);
}

/** The same label with room around it, so that names do not crowd. */
function roomy(symbolizer) {
  const widened = ({ minX, minY, maxX, maxY }) => ({
    minX: minX - TOWN_ROOM,
    minY: minY - TOWN_ROOM,
    maxX: maxX + TOWN_ROOM,
    maxY: maxY + TOWN_ROOM,
  });
  const place = (...wanted) =>
    symbolizer.place(...wanted)?.map((label) => ({ ...label, bboxes: label.bboxes.map(widened) }));
  return { place };
}

/** A name is due from the zoom that the data says; tiles drawn enlarged hold names for later zooms too. */
function isDue(wanted) {
  return (zoom, feature) => feature.props.kind === wanted && Number(feature.props.min_zoom ?? 0) <= zoom;
}

function isDense(_zoom, feature) {
  return feature.props.kind === "urban_area" && Number(feature.props.density) > 1;
}

function byPopulation(a, b) {
  return Number(b.population ?? 0) - Number(a.population ?? 0);
}
