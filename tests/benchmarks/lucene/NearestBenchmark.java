import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.lucene.analysis.core.KeywordAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.LatLonDocValuesField;
import org.apache.lucene.document.LatLonPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.store.FSDirectory;

/**
 * Measures Lucene's two ways to find the 20 nearest documents that match a filter.
 *
 * <p>Arguments: the file of rows (id, latitude, longitude and the facts, separated by commas), the file of queries
 * (group, latitude, longitude and the fact that must hold, or none) and a folder for the index. Both files are separated
 * by tabs. Prints, for each way and group: way, group, p50 and p99 of the thread's CPU time in milliseconds, and the ids
 * that the first query of the group found.
 */
public final class NearestBenchmark {
    private static final int WANTED = 20;
    private static final int WARM_UP_PASSES = 3;

    /** Arbitrary: it sets the scale of scores, and every score falls with distance. */
    private static final double PIVOT_METERS = 10_000;

    private record Point(double lat, double lon, String fact) {}

    private interface Way {
        TopDocs nearest(IndexSearcher searcher, Point origin) throws IOException;
    }

    private NearestBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        Path index = Path.of(arguments[2]);
        Map<String, List<Point>> groups = readQueries(Path.of(arguments[1]));
        try (FSDirectory directory = FSDirectory.open(index)) {
            write(Path.of(arguments[0]), directory);
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                IndexSearcher searcher = new IndexSearcher(reader);
                measure("sort", NearestBenchmark::bySort, searcher, groups);
                measure("feature", NearestBenchmark::byFeature, searcher, groups);
            }
        }
    }

    private static Map<String, List<Point>> readQueries(Path file) throws IOException {
        Map<String, List<Point>> groups = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] cells = line.split("\t", -1);
            Point point = new Point(Double.parseDouble(cells[1]), Double.parseDouble(cells[2]), cells[3]);
            groups.computeIfAbsent(cells[0], group -> new ArrayList<>()).add(point);
        }
        return groups;
    }

    private static void write(Path rows, FSDirectory directory) throws IOException {
        IndexWriterConfig config = new IndexWriterConfig(new KeywordAnalyzer());
        config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
        try (IndexWriter writer = new IndexWriter(directory, config);
                BufferedReader reader = Files.newBufferedReader(rows)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                String[] cells = line.split("\t", -1);
                double lat = Double.parseDouble(cells[1]);
                double lon = Double.parseDouble(cells[2]);
                Document document = new Document();
                document.add(new NumericDocValuesField("id", Long.parseLong(cells[0])));
                document.add(new LatLonPoint("place", lat, lon));
                document.add(new LatLonDocValuesField("place", lat, lon));
                if (!cells[3].isEmpty()) {
                    for (String fact : cells[3].split(",")) {
                        document.add(new StringField("fact", fact, Field.Store.NO));
                    }
                }
                writer.addDocument(document);
            }
            // One segment is what suits Lucene best, and what a directory that changes seldom would have.
            writer.forceMerge(1);
        }
    }

    private static TopDocs bySort(IndexSearcher searcher, Point origin) throws IOException {
        Query filter =
                origin.fact.isEmpty() ? new MatchAllDocsQuery() : new TermQuery(new Term("fact", origin.fact));
        Sort sort = new Sort(LatLonDocValuesField.newDistanceSort("place", origin.lat, origin.lon));
        return searcher.search(filter, WANTED, sort);
    }

    private static TopDocs byFeature(IndexSearcher searcher, Point origin) throws IOException {
        Query query = LatLonPoint.newDistanceFeatureQuery("place", 1, origin.lat, origin.lon, PIVOT_METERS);
        if (!origin.fact.isEmpty()) {
            query = new BooleanQuery.Builder()
                    .add(query, Occur.MUST)
                    .add(new TermQuery(new Term("fact", origin.fact)), Occur.FILTER)
                    .build();
        }
        // Hits are not counted beyond the wanted ones, so that Lucene may skip all that cannot compete.
        TopScoreDocCollector collector = TopScoreDocCollector.create(WANTED, null, WANTED);
        searcher.search(query, collector);
        return collector.topDocs();
    }

    private static void measure(String name, Way way, IndexSearcher searcher, Map<String, List<Point>> groups)
            throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (int pass = 0; pass < WARM_UP_PASSES; pass++) {
            for (List<Point> points : groups.values()) {
                for (Point point : points) {
                    way.nearest(searcher, point);
                }
            }
        }
        for (Map.Entry<String, List<Point>> group : groups.entrySet()) {
            List<Point> points = group.getValue();
            double[] milliseconds = new double[points.size()];
            for (int number = 0; number < milliseconds.length; number++) {
                long begun = threads.getCurrentThreadCpuTime();
                way.nearest(searcher, points.get(number));
                milliseconds[number] = (threads.getCurrentThreadCpuTime() - begun) / 1e6;
            }
            Arrays.sort(milliseconds);
            System.out.printf(
                    Locale.ROOT,
                    "%s\t%s\t%.6f\t%.6f\t%s%n",
                    name,
                    group.getKey(),
                    quantile(milliseconds, 0.5),
                    quantile(milliseconds, 0.99),
                    ids(searcher, way.nearest(searcher, points.get(0))));
        }
    }

    private static double quantile(double[] sorted, double share) {
        return sorted[(int) Math.ceil(sorted.length * share) - 1];
    }

    private static String ids(IndexSearcher searcher, TopDocs found) throws IOException {
        List<String> ids = new ArrayList<>();
        List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
        for (ScoreDoc hit : found.scoreDocs) {
            LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(hit.doc, leaves));
            NumericDocValues values = leaf.reader().getNumericDocValues("id");
            values.advanceExact(hit.doc - leaf.docBase);
            ids.add(Long.toString(values.longValue()));
        }
        return String.join(",", ids);
    }
}
