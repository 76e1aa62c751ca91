/* words.c - lists used by several kinds of records. Changing a word changes the bytes of every
 * seed. */
#include "simulate/words.h"

#define W(literal) {literal, sizeof(literal) - 1}
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define LIST(name, ...)                                 \
	static const str name##_list[] = {__VA_ARGS__}; \
	const struct words words_##name = {name##_list, COUNT(name##_list)}

LIST(women, W("Ada"), W("Amelia"), W("Beatrice"), W("Camila"), W("Chloe"), W("Daniela"), W("Elena"),
     W("Emma"), W("Fatima"), W("Grace"), W("Hannah"), W("Ines"), W("Isabel"), W("Jasmine"),
     W("Kayla"), W("Leila"), W("Lucia"), W("Maya"), W("Naomi"), W("Olivia"), W("Priya"), W("Ruth"),
     W("Sofia"), W("Zo\xC3\xAB"));
LIST(men, W("Aaron"), W("Adrian"), W("Benjamin"), W("Caleb"), W("Carlos"), W("Daniel"), W("Elijah"),
     W("Ethan"), W("Farid"), W("Gabriel"), W("Henry"), W("Isaac"), W("Jamal"), W("Jos\xC3\xA9"),
     W("Kevin"), W("Liam"), W("Lucas"), W("Mateo"), W("Nathan"), W("Omar"), W("Ravi"), W("Samuel"),
     W("Theo"), W("Victor"));
LIST(families, W("Abbott"), W("Alvarez"), W("Bailey"), W("Banks"), W("Becker"), W("Bishop"),
     W("Castillo"), W("Chen"), W("Cohen"), W("Cruz"), W("Diaz"), W("Dixon"), W("Edwards"),
     W("Fischer"), W("Flores"), W("Garcia"), W("Grant"), W("Haddad"), W("Harris"), W("Hughes"),
     W("Ivanov"), W("Jackson"), W("Jensen"), W("Johnson"), W("Kaur"), W("Kelly"), W("Kim"),
     W("Larsen"), W("Lee"), W("Lewis"), W("Lopez"), W("Martin"), W("Mendes"), W("Miller"),
     W("Moore"), W("Mu\xC3\xB1oz"), W("Nguyen"), W("Novak"), W("O'Brien"), W("Ortiz"), W("Park"),
     W("Patel"), W("Perez"), W("Phillips"), W("Quinn"), W("Ramirez"), W("Reed"), W("Rossi"),
     W("Santos"), W("Scott"), W("Silva"), W("Singh"), W("Smith"), W("Stewart"), W("Thomas"),
     W("Torres"), W("Turner"), W("Walker"), W("Weber"), W("Williams"), W("Wright"), W("Young"));

LIST(agents,
     W("\\\"Mozilla/5.0 (Windows NT 6.1; WOW64) "
       "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/36.0.1985.143 "
       "Safari/537.36\\\""),
     W("\\\"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_4) "
       "AppleWebKit/537.78.2 (KHTML, like Gecko) Version/7.0.6 "
       "Safari/537.78.2\\\""),
     W("Mozilla/5.0 (Windows NT 6.1; WOW64; rv:31.0) Gecko/20100101 Firefox/31.0"),
     W("\\\"Mozilla/5.0 (X11; Linux x86_64) "
       "AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/36.0.1985.125 "
       "Chrome/36.0.1985.125 Safari/537.36\\\""),
     W("\\\"Mozilla/5.0 (iPhone; CPU iPhone OS 7_1_2 like Mac OS X) "
       "AppleWebKit/537.51.2 (KHTML, like Gecko) "
       "Version/7.0 Mobile/11D257 Safari/9537.53\\\""),
     W("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko"),
     W("\\\"Mozilla/5.0 (iPad; CPU OS 7_1_2 like Mac OS X) "
       "AppleWebKit/537.51.2 (KHTML, like Gecko) Version/7.0 "
       "Mobile/11D257 Safari/9537.53\\\""),
     W("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.9; rv:31.0) Gecko/20100101 Firefox/31.0"),
     W("Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; WOW64; Trident/5.0)"),
     W("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:31.0) Gecko/20100101 Firefox/31.0"));

LIST(currencies, W("USD"), W("EUR"), W("GBP"), W("JPY"), W("BRL"), W("INR"), W("SEK"));
LIST(countries, W("US"), W("DE"), W("GB"), W("FR"), W("BR"), W("IN"), W("JP"), W("SE"), W("NG"),
     W("MX"), W("PL"), W("AU"));
LIST(colours, W("black"), W("white"), W("red"), W("navy"), W("olive"), W("sand"), W("teal"),
     W("plum"));
LIST(statuses, W("open"), W("pending"), W("done"), W("failed"), W("retried"), W("expired"));
LIST(channels, W("web"), W("ios"), W("android"), W("email"), W("partner"), W("store"));
LIST(plans, W("free"), W("starter"), W("team"), W("business"));
LIST(systems, W("iOS"), W("Android"), W("Windows"), W("macOS"), W("Linux"));
LIST(tags, W("new"), W("sale"), W("gift"), W("vip"), W("beta"), W("bulk"), W("eco"), W("night"));
LIST(sentences, W("arrived on time, thank you"), W("the parcel was left with a neighbour"),
     W("please call \\\"reception\\\" first"), W("Stra\xC3\x9F" "e gesperrt, Lieferung morgen"),
     W("size too small; exchanged"), W("caf\xC3\xA9 on the ground floor"),
     W("path C:\\\\orders\\\\new was empty"), W("second attempt\\tsame result"),
     W("\xE6\x9D\xB1\xE4\xBA\xAC office"), W("no remarks"));
LIST(pages, W("/home"), W("/search"), W("/cart"), W("/checkout"), W("/account/orders"),
     W("/help/returns"), W("/item/4711"), W("/offers"));

LIST(product_events, W("payment:order:completed"), W("catalog:item:viewed"),
     W("search:query:submitted"), W("cart:item:added"), W("session:visit:started"),
     W("session:visit:ended"), W("catalog:list:viewed"), W("search:result:clicked"),
     W("cart:item:removed"), W("payment:order:failed"), W("user:account:created"),
     W("user:login:succeeded"), W("user:login:failed"), W("user:profile:updated"),
     W("user:password:changed"), W("user:account:closed"), W("user:email:verified"),
     W("user:phone:verified"), W("user:consent:given"), W("user:consent:withdrawn"),
     W("payment:card:added"), W("payment:card:removed"), W("payment:card:declined"),
     W("payment:refund:requested"), W("payment:refund:issued"), W("payment:invoice:sent"),
     W("payment:invoice:paid"), W("payment:dispute:opened"), W("payment:dispute:closed"),
     W("payment:payout:sent"), W("order:draft:saved"), W("order:basket:submitted"),
     W("order:status:changed"), W("order:item:returned"), W("order:note:added"),
     W("order:order:cancelled"), W("order:gift:wrapped"), W("order:coupon:applied"),
     W("order:coupon:rejected"), W("order:review:requested"), W("shipping:label:printed"),
     W("shipping:parcel:packed"), W("shipping:parcel:sent"), W("shipping:parcel:delivered"),
     W("shipping:parcel:lost"), W("shipping:address:changed"), W("shipping:slot:booked"),
     W("shipping:slot:missed"), W("shipping:return:received"), W("shipping:customs:cleared"),
     W("catalog:item:created"), W("catalog:item:updated"), W("catalog:item:retired"),
     W("catalog:price:changed"), W("catalog:stock:low"), W("catalog:stock:refilled"),
     W("catalog:image:uploaded"), W("catalog:review:posted"), W("catalog:review:flagged"),
     W("catalog:wish:added"), W("search:filter:applied"), W("search:suggestion:taken"),
     W("search:query:empty"), W("search:index:rebuilt"), W("support:ticket:opened"),
     W("support:ticket:assigned"), W("support:ticket:answered"), W("support:ticket:closed"),
     W("support:chat:started"), W("support:chat:ended"), W("support:rating:given"),
     W("support:article:read"), W("campaign:mail:sent"), W("campaign:mail:opened"),
     W("campaign:mail:clicked"), W("campaign:mail:bounced"), W("campaign:push:sent"),
     W("campaign:push:opened"), W("campaign:banner:shown"), W("campaign:banner:clicked"),
     W("campaign:code:issued"), W("campaign:survey:answered"), W("device:app:installed"),
     W("device:app:opened"), W("device:app:crashed"), W("device:app:updated"),
     W("device:token:refreshed"), W("device:sensor:read"), W("device:screen:viewed"),
     W("subscription:plan:started"), W("subscription:plan:changed"), W("subscription:plan:paused"),
     W("subscription:plan:cancelled"), W("subscription:trial:started"),
     W("subscription:trial:ended"), W("subscription:payment:retried"), W("game:level:started"),
     W("game:level:finished"), W("game:score:posted"), W("game:reward:claimed"));

LIST(entities, W("user"), W("order"), W("payment"), W("product"), W("ride"), W("driver"),
     W("vehicle"), W("booking"), W("listing"), W("message"), W("invoice"), W("ticket"), W("team"),
     W("device"), W("session"), W("shipment"), W("wallet"), W("course"), W("playlist"),
     W("contract"));
LIST(aspects, W("profile"), W("status"), W("settings"), W("location"), W("document"));
LIST(changes, W("created"), W("updated"), W("deleted"));
