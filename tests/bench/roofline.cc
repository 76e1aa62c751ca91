// roofline.cc - how fast can one core read JSON at all? simdjson's On-Demand parser visits every key and every
// value of the records in FILES, turns each value into what it is, and keeps nothing but a sum. It is built for the
// machine it runs on (On-Demand chooses its kernel when it is compiled). One line of JSON on stdout.
//
//     bench_roofline FILES...
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <simdjson.h>

using namespace simdjson;

namespace {

constexpr size_t BATCH = 1 << 20; // no record is longer
constexpr int ROUNDS = 3;         // the fastest counts: a roof is what can be reached

struct tally {
	uint64_t values = 0, sum = 0;
};

void visit(ondemand::value value, tally &t)
{
	switch (value.type()) {
	case ondemand::json_type::object:
		for (auto field : value.get_object()) {
			t.sum += uint64_t(field.key().raw()[0]);
			visit(field.value(), t);
		}
		return;
	case ondemand::json_type::array:
		for (auto element : value.get_array())
			visit(element.value(), t);
		return;
	case ondemand::json_type::string:
		t.sum += std::string_view(value.get_string()).size();
		break;
	case ondemand::json_type::number: {
		ondemand::number number = value.get_number();
		t.sum += number.is_double() ? uint64_t(number.get_double() > 0) : number.is_uint64() ? number.get_uint64() : uint64_t(number.get_int64());
		break;
	}
	case ondemand::json_type::boolean:
		t.sum += bool(value.get_bool());
		break;
	case ondemand::json_type::null:
		t.sum += value.is_null();
		break;
	}
	t.values++;
}

tally walk(ondemand::parser &parser, const padded_string &text)
{
	ondemand::document_stream stream = parser.iterate_many(text, BATCH);
	tally t;

	for (auto document : stream) {
		for (auto field : document.get_object()) {
			t.sum += uint64_t(field.key().raw()[0]);
			visit(field.value(), t);
		}
	}
	return t;
}

} // namespace

int main(int argc, char **argv)
{
	std::vector<padded_string> texts;
	ondemand::parser parser;
	double best = 1e9;
	size_t bytes = 0;
	tally t;

	try {
		for (int i = 1; i < argc; i++) {
			texts.emplace_back(padded_string::load(argv[i]));
			bytes += texts.back().size();
		}
		for (int round = 0; round < ROUNDS; round++) {
			auto began = std::chrono::steady_clock::now();
			t = tally();
			for (const auto &text : texts) {
				tally more = walk(parser, text);
				t.values += more.values;
				t.sum += more.sum;
			}
			best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
		}
	} catch (const simdjson_error &error) {
		std::fprintf(stderr, "roofline: %s\n", error.what());
		return 1;
	}
	std::printf("{\"seconds\": %.6f, \"bytes\": %zu, \"values\": %llu, \"sum\": %llu, \"kernel\": \"%s\"}\n", best, bytes,
	            (unsigned long long)t.values, (unsigned long long)t.sum, get_active_implementation()->name().c_str());
	return 0;
}
