/* words_music.c - the pieces of the names of artists and songs, and the places people listen in. */
#include "simulate/words.h"

#define LIST(name, ...)                                   \
	static const str name##_list[] = {__VA_ARGS__};   \
	const struct words words_##name = {name##_list, sizeof(name##_list) / sizeof(name##_list[0])}
#define W(literal) {literal, sizeof(literal) - 1}

LIST(band_first, W("Velvet"), W("Broken"), W("Midnight"), W("Paper"), W("Northern"), W("Electric"), W("Golden"),
     W("Silent"), W("Crimson"), W("Plastic"), W("Hollow"), W("Marble"), W("Copper"), W("Lonesome"), W("Second"),
     W("Static"), W("Wooden"), W("Bitter"), W("Glass"), W("Distant"), W("Motor"), W("Sunday"), W("Wild"), W("Frozen"),
     W("Quiet"), W("Neon"), W("Dusty"), W("Salt"), W("Concrete"), W("M\xC3\xB6" "bius"));
LIST(band_last, W("Harbors"), W("Lanterns"), W("Foxes"), W("Engines"), W("Parade"), W("Mirrors"), W("Wolves"),
     W("Satellites"), W("Gardens"), W("Thieves"), W("Orchestra"), W("Radios"), W("Pilots"), W("Tigers"),
     W("Cathedral"), W("Brothers"), W("Arcade"), W("Saints"), W("Weather"), W("Telegraph"), W("Dept."), W("Sisters"),
     W("Machine"), W("Sparrows"), W("Company"), W("Republic"), W("Choir"), W("Kings"), W("Avenue"), W("Ghosts"),
     W("Carnival"), W("Elevators"), W("Magnets"), W("Postmen"), W("Comets"), W("Lights"), W("Riot"), W("Theory"),
     W("Canyon"), W("AM/FM"));
LIST(solo_first, W("Mara"), W("Dexter"), W("Ingrid"), W("Cass"), W("Otis"), W("Lena"), W("Rufus"), W("Nadia"),
     W("Jonah"), W("Pilar"), W("Clyde"), W("Yara"), W("Emmett"), W("Greta"), W("Amos"), W("Bj\xC3\xB8rn"), W("Odette"),
     W("Silas"), W("Tove"), W("Ren\xC3\xA9" "e"));
LIST(solo_last, W("Lindqvist"), W("Okafor"), W("Vance"), W("Delacroix"), W("Marlowe"), W("Hartwell"), W("Sato"),
     W("Bellamy"), W("Crowe"), W("Pemberton"), W("Aguilar"), W("Whitlock"), W("D'Arcy"), W("Kowalski"), W("Fontaine"),
     W("Rourke"), W("Abara"), W("Nyman"), W("Calloway"), W("Sterling"), W("Duarte"), W("Winslow"), W("Hale"),
     W("Moreau"), W("Tanaka"), W("Lockhart"), W("Ebers"), W("Quill"), W("Sandoval"), W("Thorne"), W("Vega"),
     W("Yates"), W("Zeller"), W("Barros"), W("Finch"), W("Gallo"), W("Holm"), W("Iverson"), W("Juarez"), W("Keane"));
LIST(title_first, W("Summer"), W("Falling"), W("Nobody's"), W("Dancing"), W("Blue"), W("Goodbye"), W("Running"),
     W("Almost"), W("Last"), W("Burning"), W("Don't"), W("Holy"), W("Empty"), W("Little"), W("Slow"), W("Hearts Like"),
     W("Under"), W("Waiting for"), W("Driving"), W("Sweet"), W("Wrong"), W("Every"), W("Seven"), W("Stolen"),
     W("Paper Moon"), W("Counting"), W("\"Honest\""), W("After the"), W("Homesick"), W("Invisible"), W("Across"),
     W("Caf\xC3\xA9"), W("Ordinary"), W("Red"), W("Chasing"), W("Kiss the"), W("Where the"), W("Forever"),
     W("Tomorrow's"), W("Ballad of"));
LIST(title_last, W("Rain"), W("Avalanche"), W("Daughter"), W("Highway"), W("Fever"), W("Machine Love"), W("Letters"),
     W("Tonight"), W("River"), W("Sinners"), W("Static Hum"), W("Horses"), W("Lover"), W("Carolina"), W("Gravity"),
     W("Shoes"), W("Telephone"), W("Ocean"), W("Light"), W("Motel"), W("Promise"), W("Summer"), W("Bones"), W("Trains"),
     W("Window"), W("Me Down"), W("Parking Lot"), W("Sunrise"), W("Kingdom"), W("Waltz"), W("Ghost Town"),
     W("Confetti"), W("Birthday"), W("North Star"), W("Hurricane"), W("Radio Edit"), W("Lullaby (Live)"),
     W("Again (Album Version)"), W("Blues"), W("Elegy [feat. Tove Holm]"));

/* In order of their weight: the first is the busiest. */
const struct city words_cities[] = {
#define C(name, state, zip, lat, lon) {W(name), W(state), W(zip), W(lat), W(lon)}
	C("New York City", "NY", "10025", "40.7985", "-73.9683"), C("Los Angeles", "CA", "90011", "34.0071", "-118.2587"),
	C("Chicago", "IL", "60629", "41.7782", "-87.7069"), C("Houston", "TX", "77084", "29.8441", "-95.6623"),
	C("Brooklyn", "NY", "11226", "40.6466", "-73.9566"), C("Phoenix", "AZ", "85032", "33.6238", "-112.0044"),
	C("Philadelphia", "PA", "19120", "40.0343", "-75.1212"), C("San Antonio", "TX", "78245", "29.4189", "-98.6895"),
	C("San Diego", "CA", "92154", "32.5753", "-117.0707"), C("Dallas", "TX", "75217", "32.7244", "-96.6755"),
	C("San Jose", "CA", "95123", "37.2464", "-121.8347"), C("Austin", "TX", "78745", "30.2063", "-97.7956"),
	C("Jacksonville", "FL", "32210", "30.2752", "-81.7471"), C("Columbus", "OH", "43230", "40.0334", "-82.8671"),
	C("Charlotte", "NC", "28269", "35.3368", "-80.8041"), C("Indianapolis", "IN", "46227", "39.6749", "-86.1323"),
	C("San Francisco", "CA", "94112", "37.7195", "-122.4411"), C("Seattle", "WA", "98115", "47.6849", "-122.2968"),
	C("Denver", "CO", "80219", "39.6956", "-105.0341"), C("Washington", "DC", "20011", "38.9518", "-77.0203"),
	C("Boston", "MA", "02124", "42.2869", "-71.0702"), C("Nashville", "TN", "37211", "36.0725", "-86.724"),
	C("El Paso", "TX", "79936", "31.7767", "-106.2996"), C("Detroit", "MI", "48228", "42.3551", "-83.2169"),
	C("Portland", "OR", "97206", "45.4827", "-122.5973"), C("Las Vegas", "NV", "89110", "36.1729", "-115.0667"),
	C("Memphis", "TN", "38109", "35.0425", "-90.0739"), C("Louisville", "KY", "40214", "38.1593", "-85.7784"),
	C("Baltimore", "MD", "21215", "39.3446", "-76.6796"), C("Milwaukee", "WI", "53215", "43.0005", "-87.9423"),
	C("Albuquerque", "NM", "87121", "35.0512", "-106.7269"), C("Tucson", "AZ", "85705", "32.2716", "-110.9848"),
	C("Fresno", "CA", "93722", "36.8022", "-119.8789"), C("Sacramento", "CA", "95823", "38.4797", "-121.4438"),
	C("Kansas City", "MO", "64114", "38.9621", "-94.5959"), C("Kansas City", "KS", "66102", "39.1132", "-94.6693"),
	C("Atlanta", "GA", "30318", "33.7865", "-84.4454"), C("Omaha", "NE", "68104", "41.2914", "-95.9999"),
	C("Raleigh", "NC", "27610", "35.7406", "-78.5363"), C("Miami", "FL", "33186", "25.6694", "-80.4085"),
	C("Virginia Beach", "VA", "23464", "36.7978", "-76.1759"), C("Oakland", "CA", "94601", "37.7755", "-122.2187"),
	C("Minneapolis", "MN", "55407", "44.9378", "-93.2545"), C("Tulsa", "OK", "74133", "36.0471", "-95.8796"),
	C("Tampa", "FL", "33647", "28.1147", "-82.3678"), C("New Orleans", "LA", "70117", "29.9704", "-90.0312"),
	C("Wichita", "KS", "67212", "37.7007", "-97.4383"), C("Cleveland", "OH", "44102", "41.4735", "-81.7359"),
	C("Honolulu", "HI", "96818", "21.3531", "-157.9269"), C("Newark", "NJ", "07104", "40.7664", "-74.1695"),
	C("Lexington", "KY", "40516", "38.0544", "-84.3548"), C("Anchorage", "AK", "99504", "61.2037", "-149.7447"),
	C("Saint Paul", "MN", "55106", "44.9684", "-93.0488"), C("Cincinnati", "OH", "45238", "39.1015", "-84.6128"),
	C("Pittsburgh", "PA", "15221", "40.4383", "-79.8645"), C("Saint Louis", "MO", "63116", "38.5814", "-90.2625"),
	C("Buffalo", "NY", "14215", "42.9335", "-78.8115"), C("Madison", "WI", "53711", "43.0354", "-89.4527"),
	C("Boise", "ID", "83709", "43.5741", "-116.2941"), C("Richmond", "VA", "23223", "37.5477", "-77.3948"),
	C("Des Moines", "IA", "50317", "41.6122", "-93.5254"), C("Spokane", "WA", "99208", "47.7399", "-117.4345"),
	C("Salt Lake City", "UT", "84118", "40.6535", "-111.9905"), C("Providence", "RI", "02908", "41.8392", "-71.4389"),
	C("Jersey City", "NJ", "07305", "40.702", "-74.089"), C("Hartford", "CT", "06106", "41.7498", "-72.6947"),
	C("Portland", "ME", "04103", "43.6876", "-70.2876"), C("Burlington", "VT", "05401", "44.484", "-73.2199"),
	C("Manchester", "NH", "03103", "42.9656", "-71.4493"), C("Charleston", "SC", "29407", "32.7993", "-80.0062"),
	C("Charleston", "WV", "25302", "38.4063", "-81.5954"), C("Fargo", "ND", "58103", "46.8564", "-96.8122"),
	C("Sioux Falls", "SD", "57106", "43.5187", "-96.7929"), C("Billings", "MT", "59102", "45.7813", "-108.5727"),
	C("Cheyenne", "WY", "82001", "41.1438", "-104.7962"), C("Jackson", "MS", "39212", "32.2435", "-90.2613"),
	C("Little Rock", "AR", "72204", "34.7269", "-92.344"), C("Birmingham", "AL", "35215", "33.6355", "-86.6938"),
	C("Wilmington", "DE", "19805", "39.7434", "-75.5827"), C("East Bridgewater", "MA", "02333", "42.0315", "-70.945"),
#undef C
};
const uint32_t words_city_count = sizeof(words_cities) / sizeof(words_cities[0]);
