import com.machinezoo.sourceafis.FingerprintImage;
import com.machinezoo.sourceafis.FingerprintImageOptions;
import com.machinezoo.sourceafis.FingerprintMatcher;
import com.machinezoo.sourceafis.FingerprintTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * SourceAFIS under the same load as Whorl's own benchmark: the picture files named on the command line are extracted, and
 * every pair of them compared, `rounds` times after eight warm-up rounds. Prints one line of JSON: milliseconds a template
 * of each round, comparisons a second of each round. One thread.
 */
public class SourceAfisPeer {
	private static final int WARM_UP = 8;

	public static void main(String[] args) throws Exception {
		int rounds = Integer.parseInt(args[0]);
		List<byte[]> files = new ArrayList<>();
		for (int i = 1; i < args.length; i++)
			files.add(Files.readAllBytes(Path.of(args[i])));
		List<String> extractMs = new ArrayList<>();
		List<String> comparisonsPerSecond = new ArrayList<>();
		double checksum = 0;
		for (int round = 0; round < WARM_UP + rounds; round++) {
			List<FingerprintImage> images = new ArrayList<>();
			for (byte[] file : files)
				images.add(new FingerprintImage(file, new FingerprintImageOptions().dpi(500)));
			long start = System.nanoTime();
			List<FingerprintTemplate> templates = new ArrayList<>();
			for (FingerprintImage image : images)
				templates.add(new FingerprintTemplate(image));
			double extract = (System.nanoTime() - start) / 1e6 / files.size();
			start = System.nanoTime();
			int comparisons = 0;
			for (FingerprintTemplate probe : templates) {
				FingerprintMatcher matcher = new FingerprintMatcher(probe);
				for (FingerprintTemplate candidate : templates) {
					if (candidate == probe)
						continue;
					checksum += matcher.match(candidate);
					comparisons++;
				}
			}
			double rate = comparisons / ((System.nanoTime() - start) / 1e9);
			if (round >= WARM_UP) {
				extractMs.add(Double.toString(extract));
				comparisonsPerSecond.add(Double.toString(rate));
			}
		}
		System.out.printf("{\"extractMs\":%s,\"comparisonsPerSecond\":%s,\"checksum\":%s}%n", extractMs, comparisonsPerSecond, checksum);
	}
}
