-- The most listened songs of a period: here all of it; add `where event_time >= ... and event_time < ...` for another.
select artist, song, count(*) as plays
from page_view
where page = 'NextSong'
group by artist, song
order by plays desc, artist, song
limit 10
