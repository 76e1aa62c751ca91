-- The most listened songs
-- Of all time here: add `and event_time >= ... and event_time < ...` for a period.
select artist, song, count(*) as plays
from page_view
where page = 'NextSong'
group by artist, song
order by plays desc, artist, song
limit 10
