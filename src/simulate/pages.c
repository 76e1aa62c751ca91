/* pages.c - a table of ways, with the weights seen in real streams. */
#include "simulate/pages.h"

#include <assert.h>

#define FACE(name, method, status) {{name, sizeof(name) - 1}, {method, sizeof(method) - 1}, status}

const struct page_face page_faces[PAGE_COUNT] = {
	[PAGE_HOME] = FACE("Home", "GET", 200),
	[PAGE_NEXT_SONG] = FACE("NextSong", "PUT", 200),
	[PAGE_LOGIN] = FACE("Login", "PUT", 307),
	[PAGE_LOGOUT] = FACE("Logout", "PUT", 307),
	[PAGE_HELP] = FACE("Help", "GET", 200),
	[PAGE_ABOUT] = FACE("About", "GET", 200),
	[PAGE_ERROR] = FACE("Error", "GET", 404),
	[PAGE_SETTINGS] = FACE("Settings", "GET", 200),
	[PAGE_SAVE_SETTINGS] = FACE("Save Settings", "PUT", 307),
	[PAGE_UPGRADE] = FACE("Upgrade", "GET", 200),
	[PAGE_SUBMIT_UPGRADE] = FACE("Submit Upgrade", "PUT", 307),
	[PAGE_DOWNGRADE] = FACE("Downgrade", "GET", 200),
	[PAGE_SUBMIT_DOWNGRADE] = FACE("Submit Downgrade", "PUT", 307),
	[PAGE_REGISTER] = FACE("Register", "GET", 200),
	[PAGE_SUBMIT_REGISTRATION] = FACE("Submit Registration", "PUT", 307),
	[PAGE_CANCEL] = FACE("Cancel", "PUT", 307),
	[PAGE_CANCELLATION] = FACE("Cancellation Confirmation", "GET", 200),
};

const str auth_names[] = {
	[AUTH_OUT] = {"Logged Out", 10},
	[AUTH_IN] = {"Logged In", 9},
	[AUTH_GUEST] = {"Guest", 5},
	[AUTH_CANCELLED] = {"Cancelled", 9},
};

enum { WAYS_MAX = 9 };

struct way {
	uint16_t page, weight;
};

/* Weights within a row are relative. The state is the one the page leads to: from Logout one goes
 * on logged out. */
static const struct way ways[][PAGE_COUNT][WAYS_MAX] = {
	[AUTH_IN] = {
		[PAGE_HOME] = {{PAGE_NEXT_SONG, 800}, {PAGE_HOME, 45}, {PAGE_SETTINGS, 22},
		               {PAGE_HELP, 14}, {PAGE_LOGOUT, 14}, {PAGE_UPGRADE, 11},
		               {PAGE_ABOUT, 9}, {PAGE_ERROR, 2}, {PAGE_END, 60}},
		[PAGE_NEXT_SONG] = {{PAGE_NEXT_SONG, 917}, {PAGE_HOME, 23}, {PAGE_LOGOUT, 14},
		                    {PAGE_UPGRADE, 11}, {PAGE_HELP, 5}, {PAGE_SETTINGS, 5},
		                    {PAGE_ABOUT, 2}, {PAGE_ERROR, 1}, {PAGE_END, 22}},
		[PAGE_HELP] = {{PAGE_NEXT_SONG, 620}, {PAGE_HOME, 165}, {PAGE_HELP, 105},
		               {PAGE_SETTINGS, 40}, {PAGE_LOGOUT, 10}, {PAGE_END, 60}},
		[PAGE_ABOUT] = {{PAGE_NEXT_SONG, 500}, {PAGE_HOME, 350}, {PAGE_HELP, 40},
		                {PAGE_ABOUT, 40}, {PAGE_END, 70}},
		[PAGE_ERROR] = {{PAGE_NEXT_SONG, 550}, {PAGE_HOME, 350}, {PAGE_LOGOUT, 30},
		                {PAGE_END, 70}},
		[PAGE_SETTINGS] = {{PAGE_NEXT_SONG, 480}, {PAGE_SAVE_SETTINGS, 250},
		                   {PAGE_HELP, 70}, {PAGE_HOME, 70}, {PAGE_SETTINGS, 70},
		                   {PAGE_LOGOUT, 16}, {PAGE_CANCEL, 14}, {PAGE_END, 30}},
		[PAGE_SAVE_SETTINGS] = {{PAGE_HOME, 880}, {PAGE_SETTINGS, 120}},
		[PAGE_UPGRADE] = {{PAGE_NEXT_SONG, 420}, {PAGE_SUBMIT_UPGRADE, 350},
		                  {PAGE_HOME, 110}, {PAGE_UPGRADE, 90}, {PAGE_END, 30}},
		[PAGE_DOWNGRADE] = {{PAGE_NEXT_SONG, 720}, {PAGE_HOME, 100}, {PAGE_DOWNGRADE, 95},
		                    {PAGE_SUBMIT_DOWNGRADE, 60}, {PAGE_HELP, 10}, {PAGE_END, 15}},
		[PAGE_SUBMIT_UPGRADE] = {{PAGE_HOME, 1}},
		[PAGE_SUBMIT_DOWNGRADE] = {{PAGE_HOME, 1}},
		[PAGE_SUBMIT_REGISTRATION] = {{PAGE_HOME, 1}},
	},
	[AUTH_OUT] = {
		[PAGE_LOGOUT] = {{PAGE_HOME, 1}},
		[PAGE_HOME] = {{PAGE_LOGIN, 600}, {PAGE_HOME, 60}, {PAGE_ABOUT, 80},
		               {PAGE_HELP, 40}, {PAGE_ERROR, 3}, {PAGE_END, 217}},
		[PAGE_LOGIN] = {{PAGE_HOME, 1}},
		[PAGE_HELP] = {{PAGE_LOGIN, 350}, {PAGE_HOME, 350}, {PAGE_ABOUT, 50},
		               {PAGE_END, 250}},
		[PAGE_ABOUT] = {{PAGE_LOGIN, 400}, {PAGE_HOME, 350}, {PAGE_HELP, 50},
		                {PAGE_END, 200}},
		[PAGE_ERROR] = {{PAGE_HOME, 600}, {PAGE_END, 400}},
	},
	[AUTH_GUEST] = {
		[PAGE_HOME] = {{PAGE_REGISTER, 600}, {PAGE_ABOUT, 200}, {PAGE_HELP, 50},
		               {PAGE_ERROR, 20}, {PAGE_END, 130}},
		[PAGE_REGISTER] = {{PAGE_SUBMIT_REGISTRATION, 820}, {PAGE_REGISTER, 60},
		                   {PAGE_HOME, 60}, {PAGE_END, 60}},
		[PAGE_HELP] = {{PAGE_HOME, 800}, {PAGE_END, 200}},
		[PAGE_ABOUT] = {{PAGE_HOME, 500}, {PAGE_REGISTER, 300}, {PAGE_END, 200}},
		[PAGE_ERROR] = {{PAGE_HOME, 700}, {PAGE_END, 300}},
	},
	[AUTH_CANCELLED] = {
		[PAGE_CANCEL] = {{PAGE_CANCELLATION, 1}},
		[PAGE_CANCELLATION] = {{PAGE_END, 1}},
	},
};

enum page page_next(enum auth auth, enum page page, struct random *r)
{
	const struct way *row = ways[auth][page];
	uint32_t          total = 0, draw;

	for (uint32_t i = 0; i < WAYS_MAX; i++)
		total += row[i].weight;
	assert(total > 0);
	draw = random_below(r, total);
	for (uint32_t i = 0;; i++) {
		if (draw < row[i].weight)
			return (enum page)row[i].page;
		draw -= row[i].weight;
	}
}
